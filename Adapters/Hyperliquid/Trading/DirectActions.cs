using System.Buffers;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>One signed action at a time over HTTP, its answer waited for: before a run begins, and where there is none.</summary>
public sealed class DirectActions(TradingKey key, Nonces nonces, IVenueRest rest)
{
    /// <summary>
    /// Sends an action once. The venue's answer; without one a sentence, and whether the action may have been taken all the same.
    /// </summary>
    public async Task<(ExchangeReply? Reply, bool MayBeTaken, string Why)> SendAsync(
        TradingAction action,
        ulong? expiresAfter,
        CancellationToken stop
    )
    {
        if (!nonces.TryNext(out var nonce, out var trouble))
            return (null, false, trouble);
        var body = new ArrayBufferWriter<byte>(512);
        if (key.TrySign(action, nonce, expiresAfter, body) is { } refused)
            return (null, false, refused);
        var reply = await rest.ActAsync(body.WrittenMemory, 1, isExit: true, stop).ConfigureAwait(false);
        if (reply.Outcome != RestOutcome.Answered)
            return (null, reply.Outcome == RestOutcome.Unknown, reply.Why);
        var said = ActionAnswers.Read(reply);
        return (said, said is null, said is null ? "the venue's answer could not be read" : "");
    }
}
