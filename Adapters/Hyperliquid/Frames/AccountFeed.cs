using Microsoft.FSharp.Core;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// What the venue says of an account's orders and fills, as events of the core: each trade once, whatever snapshots, repeats and
/// reconnects bring, and the filled size of an order summed up here, since the venue's fills carry none. One for an account and
/// run, kept over connections. Safe from any thread.
/// </summary>
/// <param name="account">The account of the run.</param>
/// <param name="run">The run's number: orders of other runs are passed over and counted.</param>
public sealed class AccountFeed(AccountId account, long run)
{
    private const int MostOrders = 65_536;
    private const int MostTrades = 65_536;
    private const int LooksAtOld = 4;

    private readonly Dictionary<long, Known> orders = [];
    private readonly Queue<long> ages = new();
    private readonly HashSet<(long Tid, long Oid, long Ns)> trades = [];
    private readonly Queue<(long Tid, long Oid, long Ns)> order = new();
    private readonly Lock gate = new();
    private long forgottenNs = long.MinValue;

    /// <summary>Rows about orders of other runs or other clients, and of coins that the run does not have.</summary>
    public long Foreign { get; private set; }

    /// <summary>Fills that were told before.</summary>
    public long Repeated { get; private set; }

    /// <summary>Fills that are older than the memory of trades: not told, since they may have been.</summary>
    public long TooOld { get; private set; }

    /// <summary>Fills whose fee is in a token of which no value is known: they are told with a fee of 0.</summary>
    public long StrangeFees { get; private set; }

    /// <summary>The last such token's name; empty before the first.</summary>
    public string LastStrangeFee { get; private set; } = "";

    /// <summary>Orders that are remembered: those at work, and the latest of the others.</summary>
    public int Remembered => orders.Count;

    /// <summary>Frames about another account.</summary>
    public long ForeignFrames { get; private set; }

    /// <summary>The events of what a frame says into <paramref name="into"/>, which is emptied first.</summary>
    public void Take(AccountNews news, EventBatch into)
    {
        lock (gate)
            Told(news, into);
    }

    /// <summary>
    /// The answer to an action, or to a question about an order, as an event behind those that <paramref name="into"/> holds.
    /// <paramref name="venueAt"/>: the venue's instant of it; none where it states none.
    /// </summary>
    public void Answered(InstrumentId instrument, Cloid cloid, Answer answer, Instant venueAt, EventBatch into)
    {
        if (cloid.Run == run && answer.IsAccepted)
        {
            lock (gate)
                KnownOf(cloid).HasArrived = true;
        }

        into.Add(Event.Of(RareEvent.NewReplied(new Reply(account, instrument, cloid, answer)), venueAt));
    }

    private void Told(AccountNews news, EventBatch into)
    {
        into.Clear();
        Foreign += news.Passed;
        if (news.IsForeign)
            ForeignFrames++;
        foreach (ref readonly var row in news.Orders)
            Order(row, into);
        if (news.IsSnapshot)
        {
            foreach (var fill in OldestFirst(news.Fills))
                Fill(fill, into);
            return;
        }

        foreach (ref readonly var fill in news.Fills)
            Fill(fill, into);
    }

    // A snapshot comes newest first, or does not: the protocol leaves it open.
    private static IEnumerable<FillNews> OldestFirst(ReadOnlySpan<FillNews> fills)
    {
        var all = fills.ToArray();
        if (all.Length > 1 && all[0].At.Ns > all[^1].At.Ns)
            Array.Reverse(all);
        return all.OrderBy(fill => fill.At.Ns);
    }

    private void Order(in OrderNews row, EventBatch into)
    {
        if (row.Cloid.Run != run)
        {
            Foreign++;
            return;
        }

        var known = KnownOf(row.Cloid);
        var answer = AnswerOf(row, known);
        known.HasArrived |= row.Status.IsOpen || row.Status.IsTriggered;
        known.IsAtWork = row.Status.IsOpen || row.Status.IsTriggered;
        into.Add(Event.Of(RareEvent.NewReplied(new Reply(account, row.Instrument, row.Cloid, answer)), row.At));
    }

    private static Answer AnswerOf(in OrderNews row, Known known)
    {
        var status = row.Status;
        if (status.IsOpen)
            return Answer.NewAccepted(row.Oid);
        if (status.IsTriggered)
            return Answer.Triggered;
        // What was never in the book was refused; what was is at its end.
        if (status.IsRejected && !known.HasArrived)
            return Answer.NewRefused(status);
        return Answer.NewEnded(status, FilledOf(row));
    }

    // The whole size less what remains. A filled order that leaves something, and one whose fate is unknown, state nothing.
    private static FSharpValueOption<Sz> FilledOf(in OrderNews row)
    {
        var isStated =
            !row.Status.IsUnknown && row.Whole.Raw >= row.Left.Raw && (!row.Status.IsFilled || row.Left.IsZero);
        return isStated ? FSharpValueOption<Sz>.Some(Sz.Of(row.Whole.Raw - row.Left.Raw)) : FSharpValueOption<Sz>.None;
    }

    private void Fill(in FillNews fill, EventBatch into)
    {
        if (fill.Cloid.Run != run)
        {
            Foreign++;
            return;
        }

        if (!IsNew((fill.TradeId, fill.Oid, fill.At.Ns)))
            return;
        var known = KnownOf(fill.Cloid);
        known.HasArrived = true;
        known.Filled = known.Filled > long.MaxValue - fill.Sz.Raw ? long.MaxValue : known.Filled + fill.Sz.Raw;
        into.Add(
            Event.Of(
                RareEvent.NewFilled(
                    new Fill(
                        account,
                        fill.Instrument,
                        fill.Cloid,
                        fill.TradeId,
                        fill.Side,
                        fill.Px,
                        fill.Sz,
                        FeeOf(fill),
                        Sz.Of(known.Filled),
                        fill.IsMaker
                    )
                ),
                fill.At
            )
        );
    }

    // A fee in the base token is valued at the fill's price, rounded against us.
    private Usd FeeOf(in FillNews fill)
    {
        if (fill.StrangeFeeToken is { } token)
        {
            StrangeFees++;
            LastStrangeFee = token;
            return Usd.Of(0);
        }

        if (!fill.IsFeeInBase)
            return fill.Fee;
        Int128 one = 100_000_000;
        var (value, rest) = Int128.DivRem((Int128)fill.Fee.Raw * fill.Px.Raw, one);
        if (rest > 0)
            value++;
        return Usd.Of((long)Int128.Clamp(value, long.MinValue, long.MaxValue));
    }

    private bool IsNew((long Tid, long Oid, long Ns) trade)
    {
        if (trades.Contains(trade))
        {
            Repeated++;
            return false;
        }

        if (trade.Ns <= forgottenNs)
        {
            TooOld++;
            return false;
        }

        trades.Add(trade);
        order.Enqueue(trade);
        if (order.Count > MostTrades)
        {
            var oldest = order.Dequeue();
            trades.Remove(oldest);
            forgottenNs = Math.Max(forgottenNs, oldest.Ns);
        }

        return true;
    }

    private Known KnownOf(Cloid cloid)
    {
        if (orders.TryGetValue(cloid.N, out var known))
            return known;
        known = new Known();
        orders.Add(cloid.N, known);
        ages.Enqueue(cloid.N);
        // What an order at work filled before is part of what its next fill states: it is not forgotten, but put at the end of the
        // queue. A few looks for each newcomer find the others in time.
        for (var looks = 0; orders.Count > MostOrders && looks < LooksAtOld; looks++)
        {
            var oldest = ages.Dequeue();
            if (orders[oldest].IsAtWork)
                ages.Enqueue(oldest);
            else
                orders.Remove(oldest);
        }

        return known;
    }

    private sealed class Known
    {
        /// <summary>Sum of its fills in 1e-8.</summary>
        public long Filled { get; set; }

        /// <summary>It is in the book or waits for its trigger, by the venue's last word.</summary>
        public bool IsAtWork { get; set; }

        /// <summary>It was in the book, by the venue's word or a fill.</summary>
        public bool HasArrived { get; set; }
    }
}
