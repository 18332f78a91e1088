using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>How the local venue is opened.</summary>
/// <param name="Port">Where it listens; 0 takes a free one.</param>
/// <param name="IsMainnet">Whose signatures it takes.</param>
/// <param name="Config">How its market begins.</param>
/// <param name="StatePath">The log from which it goes on after a restart; null keeps nothing.</param>
/// <param name="Faults">What goes wrong on purpose; null lets nothing.</param>
/// <param name="TruthPath">The file that is told what is true of the scenario; null tells none.</param>
/// <param name="RecordPath">The folder that everything said is written into; null writes nothing.</param>
public sealed record VenueOptions(
    int Port,
    bool IsMainnet,
    VenueConfig Config,
    string? StatePath = null,
    IReadOnlyList<Fault>? Faults = null,
    string? TruthPath = null,
    string? RecordPath = null
);

/// <summary>The local venue did not open; the sentence says why.</summary>
public sealed class VenueException : Exception
{
    /// <summary>With no sentence.</summary>
    public VenueException() { }

    /// <summary>With a sentence.</summary>
    public VenueException(string message)
        : base(message) { }

    /// <summary>With a sentence and what caused it.</summary>
    public VenueException(string message, Exception inner)
        : base(message, inner) { }

    /// <summary>The port is taken, rather than something named by the caller wrong.</summary>
    public bool IsPortTaken { get; init; }
}

/// <summary>What stands between the venue and those who are connected; each null where it is not asked for.</summary>
/// <param name="Faults">What goes wrong on purpose.</param>
/// <param name="Recorder">What was said.</param>
/// <param name="Limits">How much one address may ask.</param>
internal sealed record Wiring(FaultBox? Faults, Recorder? Recorder, VenueLimits? Limits)
{
    /// <summary>Nothing stands there.</summary>
    public static Wiring None { get; } = new(null, null, null);
}
