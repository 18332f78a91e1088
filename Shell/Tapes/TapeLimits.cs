namespace Vrlg.Shell.Tapes;

/// <summary>What a native file holds at most.</summary>
internal static class TapeLimits
{
    /// <summary>Records of one block.</summary>
    internal const int Records = 1 << 14;
}
