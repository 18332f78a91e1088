using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>What the answer to an action says of each of its orders or cancels. Pure.</summary>
public static class ActionAnswers
{
    /// <summary>
    /// The answer of item <paramref name="index"/>. What is not said clearly is <see cref="Answer.Unanswered"/>: the core then asks by
    /// our number.
    /// </summary>
    /// <param name="action">What was sent.</param>
    /// <param name="index">Which item of it.</param>
    /// <param name="reply">What came back.</param>
    /// <param name="said">Its decoded body; null where there is none that can be read.</param>
    public static Answer Of(FlushAction action, int index, RestReply reply, ExchangeReply? said)
    {
        var isCancel = action.Class == ActionClass.Cancels;
        if (reply.Outcome == RestOutcome.NotTaken)
            return Refused(isCancel, RefusalWords.NotSent(reply.Why));
        return said switch
        {
            ExchangeReply.Failed failed => OfFailed(isCancel, failed.Text),
            ExchangeReply.Statuses statuses when statuses.StatusOf(index, action.Count) is { } status => isCancel
                ? OfCancel(status)
                : OfOrder(status),
            _ => Answer.Unanswered,
        };
    }

    /// <summary>The answer's body, read; null where it is none.</summary>
    public static ExchangeReply? Read(RestReply reply) =>
        reply.Outcome == RestOutcome.Answered && Info.Exchange.TryDecode(reply.Body, out var said, out _) ? said : null;

    // A nonce that was used already: something with it ran, and that is this very action, sent twice below us.
    private static Answer OfFailed(bool isCancel, string text) =>
        text.StartsWith("Invalid nonce: duplicate", StringComparison.Ordinal)
            ? Answer.Unanswered
            : Refused(isCancel, RefusalWords.Of(text));

    private static Answer OfOrder(ItemStatus status) =>
        status switch
        {
            ItemStatus.Resting resting => Answer.NewAccepted(resting.Oid),
            // What it filled, and how it ended, are the account feed's words.
            ItemStatus.Filled filled => Answer.NewAccepted(filled.Oid),
            ItemStatus.WaitingForTrigger or ItemStatus.WaitingForFill => Answer.NewAccepted(0),
            ItemStatus.Error error => Answer.NewRefused(RefusalWords.Of(error.Text)),
            _ => Answer.Unanswered,
        };

    private static Answer OfCancel(ItemStatus status) =>
        status switch
        {
            ItemStatus.Success => Answer.NewEnded(
                OrderStatus.NewCancelled("canceled"),
                Microsoft.FSharp.Core.FSharpValueOption<Sz>.None
            ),
            ItemStatus.Error => Answer.NewCancelRefused(OrderStatus.NewRejected("MissingOrder")),
            _ => Answer.Unanswered,
        };

    private static Answer Refused(bool isCancel, OrderStatus status) =>
        isCancel ? Answer.NewCancelRefused(status) : Answer.NewRefused(status);
}
