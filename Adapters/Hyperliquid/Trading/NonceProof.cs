using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>
/// What the answer to a noop proves of an action that was signed with the same nonce and got no answer (protocol 4.6, 10.6). Pure.
/// </summary>
public static class NonceProof
{
    /// <summary>The status of orders whose nonce was taken before they ran.</summary>
    public static OrderStatus Status { get; } = OrderStatus.NewRejected("never run: a noop took its nonce");

    /// <summary>
    /// Whether the action has not run and never will. The noop was performed: the nonce was free, and is free no more. Nothing else
    /// proves it: a nonce that is used says that something ran with it, one that is too low may have been used and forgotten, and a
    /// noop that failed otherwise or got no answer says nothing.
    /// </summary>
    public static bool IsNeverToRun(RestReply noop) => ActionAnswers.Read(noop) is ExchangeReply.Performed;
}
