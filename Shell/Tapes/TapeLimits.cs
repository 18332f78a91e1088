namespace Vrlg.Shell.Tapes;

/// <summary>What a native file holds at most.</summary>
internal static class TapeLimits
{
    /// <summary>Records of one block.</summary>
    internal const int Records = 1 << 14;

    /// <summary>What stands for an instrument in records that have none; more instruments than a run can have.</summary>
    internal const int NoInstrument = 1 << 20;
}
