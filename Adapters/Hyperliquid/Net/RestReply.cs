namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>What became of a request.</summary>
public enum RestOutcome
{
    /// <summary>The venue answered; an answer may still refuse the action.</summary>
    Answered,

    /// <summary>It certainly did not reach the venue's engine: nothing was sent, or it was turned away at the door.</summary>
    NotTaken,

    /// <summary>It may have been taken and may still be: never sent again, its fate is asked for.</summary>
    Unknown,
}

/// <summary>An answer, or why there is none.</summary>
/// <param name="Outcome">What became of the request.</param>
/// <param name="Body">The venue's words where it answered.</param>
/// <param name="Why">A sentence where it did not.</param>
public sealed record RestReply(RestOutcome Outcome, ReadOnlyMemory<byte> Body, string Why);
