using System.Collections.Immutable;
using System.Text;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>
/// The market's connection: books, best quotes, trades and running numbers as events. A return is told before the events that brought
/// it, since the core waits for a new word after it; where an acknowledgement came after the first frame that frame is told again.
/// </summary>
internal sealed class MarketStream : ILinkUser
{
    private readonly FeedVoice voice;
    private readonly BookFallback fallback;
    private readonly Action<string> say;
    private readonly MarketFrames frames;
    private readonly MarketCodec codec;
    private readonly Dictionary<string, PlannedChannel> plans;
    private readonly Dictionary<int, CoinState> byId;
    private readonly Dictionary<string, CoinState> byCoin;
    private readonly EventBatch batch = new();
    private readonly EventBatch told = new();
    private readonly TimeProvider clock;
    private readonly long start;
    private bool isTaking;

    public MarketStream(
        FeedOptions options,
        FeedRules rules,
        LinkMeans means,
        Lock gate,
        FeedVoice voice,
        BookFallback fallback,
        Action<string> say
    )
    {
        this.voice = voice;
        this.fallback = fallback;
        this.say = say;
        clock = means.Clock;
        start = clock.GetTimestamp();
        var coins = new CoinTable(options.Coins.Select(c => KeyValuePair.Create(c.Coin, c.Id)));
        frames = new MarketFrames(coins);
        codec = new MarketCodec(coins);
        var planned = FeedPlan.Market(options);
        plans = planned.ToDictionary(p => p.Link.Channel.Name, p => p.Plan, StringComparer.Ordinal);
        byId = options.Coins.ToDictionary(c => c.Id.Index, c => new CoinState(c));
        byCoin = byId.Values.ToDictionary(c => c.Coin.Coin, StringComparer.Ordinal);
        Link = new FeedLink(
            "market",
            options.Network.Socket,
            rules,
            [.. planned.Select(p => p.Link)],
            means,
            gate,
            this
        );
    }

    public FeedLink Link { get; }

    private long Now => (long)clock.GetElapsedTime(start).TotalMilliseconds;

    public bool Read(ReadOnlyMemory<byte> frame)
    {
        if (frames.Read(frame.Span, batch) == FrameOutcome.Other)
        {
            // What no scanner knows may still be a market's frame in another layout; all else is the connection's.
            if (codec.Read(frame, batch, out var error) == FrameOutcome.Other)
            {
                if (error is null || error.Channel == "?")
                    return false;
                Link.Misread(error);
                return true;
            }
        }

        if (batch.Events.Length > 0)
        {
            isTaking = true;
            Take();
            isTaking = false;
        }

        return true;
    }

    public void Take(StreamMessage message)
    {
        switch (message)
        {
            case StreamMessage.PerpMoved perp when byCoin.TryGetValue(perp.Coin, out var coin):
                Context(coin, "activeAssetCtx", perp.Context.MarkPx, perp.Context);
                break;
            case StreamMessage.SpotMoved spot when byCoin.TryGetValue(spot.Coin, out var coin):
                Context(coin, "activeSpotAssetCtx", spot.Context.MarkPx, null);
                break;
        }
    }

    public void Answered(PostReply reply) { }

    public void TurnedAway(long id) { }

    public void Lived() => voice.Alive();

    public void Lost(string? channel, string why)
    {
        say($"market: {channel ?? "everything"} is lost: {why}");
        foreach (var (name, plan) in plans)
        {
            if (channel is not null && channel != name)
                continue;
            voice.Lost(plan, plan.Cause);
            if (plan.Channel == Channel.Book)
                fallback.Down(plan.Coin!);
            if (plan.Channel is Channel.Book or Channel.Bbo)
                Forget(plan);
        }
    }

    public void Back(string channel)
    {
        var plan = plans[channel];
        var isTold = voice.Back(plan, plan.Cause);
        if (plan.Channel == Channel.Book && !voice.IsLost(Channel.Book, plan.Coin))
            fallback.Up(plan.Coin!);
        // The frame that brings it back is told after this; one that came before its acknowledgement is told again.
        if (isTold && !isTaking)
            Again(plan.Channel, byId[plan.Coin!.Id.Index]);
    }

    public void Down(string why)
    {
        foreach (var plan in plans.Values)
            voice.Lost(plan, plan.Cause);
        foreach (var coin in byId.Values)
        {
            coin.Trades.Begin();
            coin.LastBook = coin.LastBbo = null;
            coin.Check.Clear();
            fallback.Down(coin.Coin);
        }
    }

    public void Ticked()
    {
        foreach (var coin in byId.Values)
        {
            coin.Check.Wait(Now, coin.Beat);
            Contradict(coin);
        }
    }

    public void Arrived(DateTimeOffset? at) => voice.Arrival = at;

    public void Say(string sentence) => say(sentence);

    // A frame is about one coin: a book, a best quote, or trades.
    private void Take()
    {
        var first = batch.Events[0];
        var coin = byId[first.Instrument.Index];
        if (first.Kind == EventKind.Traded)
        {
            Trades(coin);
            return;
        }

        var isFast = first.Kind == EventKind.BookMoved && first.Depth!.Limit < 20;
        var name = first.Kind == EventKind.BboMoved ? coin.BboName : coin.BookName(isFast);
        Link.Heard(name);
        voice.Heard(batch.Events);
        // Of two feeds of books the slower one may come with an older block.
        if (first.Kind == EventKind.BookMoved && coin.LastBook is { } last && first.VenueAt.Ns < last.VenueAt.Ns)
            return;
        if (first.Kind == EventKind.BookMoved)
            coin.LastBook = first;
        else
            coin.LastBbo = first;
        voice.Tell(batch.Events);
        Check(coin, first, isFast);
    }

    private void Trades(CoinState coin)
    {
        told.Clear();
        foreach (ref readonly var trade in batch.Events)
        {
            if (byId[trade.Instrument.Index].Trades.IsNew(trade.TradeId, trade.VenueAt))
                told.Add(Event.Traded(trade.Instrument, trade.Side, trade.Px, trade.Sz, trade.TradeId, trade.VenueAt));
        }

        coin.Trades.EndOfFrame();
        Link.Heard(coin.TradesName);
        voice.Heard(told.Events);
        voice.Tell(told.Events);
    }

    private void Context(CoinState coin, string channel, Numeral mark, PerpContext? perp)
    {
        var (oracle, rate, interest) = (0L, 0L, 0L);
        string? wrong = null;
        if (!mark.TryRaw(out var markRaw))
            wrong = "markPx";
        else if (perp is not null && !perp.OraclePx.TryRaw(out oracle))
            wrong = "oraclePx";
        else if (perp is not null && !perp.Funding.TryPico(out rate))
            wrong = "funding";
        else if (perp is not null && !perp.OpenInterest.TryRaw(out interest))
            wrong = "openInterest";
        if (wrong is not null)
        {
            Link.Misread(new WireError(channel, wrong, "is finer or larger than the core counts"));
            return;
        }

        Link.Heard(coin.ContextName);
        voice.Tell(
            Event.ContextMoved(coin.Coin.Id, Px.Of(markRaw), Px.Of(oracle), rate, Sz.Of(interest), Instant.Of(0))
        );
    }

    private void Check(CoinState coin, in Event moved, bool isFast)
    {
        if (moved.Kind == EventKind.BboMoved)
        {
            coin.Check.Quote(moved.BidPx, moved.AskPx, moved.VenueAt, Now, coin.Beat);
        }
        else
        {
            coin.Beat = Link.BeatOf(coin.BookName(isFast));
            var depth = moved.Depth!;
            coin.Check.Book(TopOf(depth.Bids), TopOf(depth.Asks), moved.VenueAt, Now, coin.Beat);
        }

        Contradict(coin);
    }

    // Which of the two is right nobody knows: the finer one is not believed, and the instrument with it.
    private void Contradict(CoinState coin)
    {
        if (coin.Check.IsContradiction == coin.IsContradicted)
            return;
        coin.IsContradicted = coin.Check.IsContradiction;
        var plan = plans[coin.BboName];
        if (coin.IsContradicted)
        {
            say($"market: best quote and book of {coin.Coin.Coin} contradict each other");
            voice.Lost(plan, LossCause.Contradiction);
        }
        else if (voice.Back(plan, LossCause.Contradiction))
        {
            say($"market: best quote and book of {coin.Coin.Coin} agree again");
            Again(Channel.Bbo, coin);
        }
    }

    private void Forget(PlannedChannel plan)
    {
        var coin = byId[plan.Coin!.Id.Index];
        coin.Check.Clear();
        Contradict(coin);
    }

    private void Again(Channel channel, CoinState coin)
    {
        var last = channel switch
        {
            Channel.Book => coin.LastBook,
            Channel.Bbo => coin.LastBbo,
            _ => null,
        };
        if (last is { } known)
            voice.Tell(known);
    }

    private static Px TopOf(ImmutableArray<PxSz> side) => side.IsEmpty ? Px.Of(0) : side[0].Px;

    private sealed class CoinState(FeedCoin coin)
    {
        private readonly string full = FeedPlan.NameOf(Channel.Book, coin.Coin);
        private readonly string fast = FeedPlan.NameOf(Channel.Book, coin.Coin, isFast: true);

        public FeedCoin Coin => coin;
        public string BboName { get; } = FeedPlan.NameOf(Channel.Bbo, coin.Coin);
        public string TradesName { get; } = FeedPlan.NameOf(Channel.Trades, coin.Coin);
        public string ContextName { get; } = FeedPlan.NameOf(Channel.Context, coin.Coin);
        public TradeFilter Trades { get; } = new();
        public TouchCheck Check { get; } = new();
        public long Beat { get; set; } = 5_000;
        public bool IsContradicted { get; set; }

        public string BookName(bool isFast) => isFast ? fast : full;

        /// <summary>Of the present connection.</summary>
        public Event? LastBook { get; set; }

        /// <summary>Of the present connection.</summary>
        public Event? LastBbo { get; set; }
    }
}
