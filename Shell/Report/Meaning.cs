namespace Vrlg.Shell.Report;

/// <summary>What the identifiers of the tables mean, for people. A word that is not known here is shown as it stands.</summary>
internal static class Meaning
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        // why there was no entry
        ["rotation"] = "no rotation period was known",
        ["significance"] = "the rotation was not significant",
        ["phase"] = "not at a boundary of the period",
        ["dob"] = "the best quotes were not thin enough",
        ["spread"] = "the spread was too narrow",
        ["obi"] = "the book leaned to one side",
        ["no_features"] = "no whole best quote was known",
        ["holding"] = "a position was held",
        ["busy"] = "an order of ours was still working",
        ["not_ready"] = "feed or account was not ready",
        ["cooldown"] = "waiting after the last trade",
        ["size"] = "the equity buys less than the least order",
        ["halved"] = "book impact halved the size below the least order",
        ["no_inside_price"] = "no price inside the spread",
        ["budget"] = "the allowance of actions is spent",
        ["paused"] = "paused after stop-outs in a row",
        // what was said of the rules
        ["impact.halved"] = "book impact above its limit: entries halved",
        ["impact.restored"] = "book impact low again: entries whole",
        ["slippage.over"] = "slippage above its limit: quotes deeper",
        ["slippage.recovered"] = "slippage within its limit again",
        ["pause.stop_outs"] = "entries paused after stop-outs in a row",
        ["size.too_small"] = "the equity buys less than the least order",
        ["size.halved"] = "half an entry is less than the least order",
        ["hedge.on"] = "the house began to hedge the net delta",
        ["hedge.off"] = "the net delta is low again: no more hedges",
        // why an order was sent, and a position closed
        ["entry"] = "entry quote",
        ["opposite_quote"] = "the entry quote on the other side was filled",
        ["ideal"] = "planned exit after its time",
        ["collapse"] = "the spread collapsed to one tick",
        ["time_stop"] = "held for the longest time allowed",
        ["stop"] = "stop on the best quote",
        ["backstop"] = "stop that rested at the exchange",
        ["hedge"] = "the house reduced the net delta",
        ["liquidation"] = "closed by the venue: too little margin",
        ["flatten"] = "everything was closed",
        // how an order ended
        ["filled"] = "filled",
        ["expired"] = "expired",
        ["never arrived"] = "never reached the venue",
        ["canceled"] = "cancelled by us",
        ["marginCanceled"] = "cancelled by the venue: too little margin",
        ["selfTradeCanceled"] = "cancelled by the venue: it would have met our own order",
        ["reduceOnlyCanceled"] = "cancelled by the venue: nothing was left to reduce",
        ["siblingFilledCanceled"] = "cancelled by the venue: its sibling was filled",
        ["tickRejected"] = "refused: price off the grid",
        ["minTradeNtlRejected"] = "refused: worth too little",
        ["perpMarginRejected"] = "refused: too little margin",
        ["insufficientSpotBalanceRejected"] = "refused: too little balance",
        ["reduceOnlyRejected"] = "refused: it would not have reduced the position",
        ["badAloPxRejected"] = "refused: a post-only order would have crossed",
        ["iocCancelRejected"] = "refused: nothing to cross with",
        ["requestLost"] = "lost on the way to the venue",
    };

    /// <summary>The words for an identifier, or the identifier.</summary>
    public static string Of(string identifier) => Words.GetValueOrDefault(identifier, identifier);

    /// <summary>The same for a cell of a table: the words, and after them the identifier that the files hold.</summary>
    public static string Cell(string identifier) =>
        Words.TryGetValue(identifier, out var words) && !string.Equals(words, identifier, StringComparison.Ordinal)
            ? $"{Figure.Safe(words)} <span class=\"id\">{Figure.Safe(identifier)}</span>"
            : Figure.Safe(identifier);

    /// <summary>
    /// How an order ended and why it was sent: <c>cancelled (canceled)</c> holds the venue's own word in brackets.
    /// </summary>
    public static string Ending(string end, string reason)
    {
        var open = end.IndexOf('(', StringComparison.Ordinal);
        var word = open > 0 && end.EndsWith(')') ? end[(open + 1)..^1] : end;
        var ended = end.Length == 0 ? "still open at the end" : Of(word);
        return reason.Length == 0 ? ended : $"{Of(reason)}: {ended}";
    }
}
