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
)
{
    /// <summary>Whether frames are compressed (permessage-deflate) on connections that offer it.</summary>
    public bool Deflates { get; init; } = true;
}
