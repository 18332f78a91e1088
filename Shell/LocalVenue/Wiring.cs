namespace Vrlg.Shell.LocalVenue;

/// <summary>What stands between the venue and those who are connected; each null where it is not asked for.</summary>
/// <param name="Faults">What goes wrong on purpose.</param>
/// <param name="Recorder">What was said.</param>
/// <param name="Limits">How much one address may ask.</param>
internal sealed record Wiring(FaultBox? Faults, Recorder? Recorder, VenueLimits? Limits)
{
    /// <summary>Frames are compressed where the other end offers it.</summary>
    public bool Deflates { get; init; }

    /// <summary>Nothing stands there.</summary>
    public static Wiring None { get; } = new(null, null, null);
}
