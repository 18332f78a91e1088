using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>What a feed passed over, counted.</summary>
/// <param name="Unread">Messages that are not what the protocol says.</param>
/// <param name="RestBooks">Books that came over REST.</param>
/// <param name="LateAnswers">Answers to requests that nobody waited for any more.</param>
/// <param name="RepeatedAnswers">Answers to requests that had one.</param>
/// <param name="StrangeAnswers">Answers to no request.</param>
public sealed record FeedCounts(
    long Unread,
    long RestBooks,
    long LateAnswers,
    long RepeatedAnswers,
    long StrangeAnswers
);

/// <summary>
/// The venue as events: market, account and blocks, a connection each. It connects again after every break, tells what is lost and
/// what is back, and offers the account's connection for signed actions.
/// </summary>
public sealed class HyperliquidFeed : IDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly BookFallback fallback;
    private readonly MarketStream market;
    private readonly AccountStream? account;
    private readonly BlockStream? blocks;
    private bool isOver;

    /// <summary>A feed that does nothing before <see cref="Start"/>.</summary>
    public HyperliquidFeed(FeedOptions options, FeedMeans means, IEventSink sink, IVenueTimes times)
    {
        var voice = new FeedVoice(options, sink, times, means.Clock);
        // Not from within a call of the sink's.
        voice.Refused += () => ThreadPool.UnsafeQueueUserWorkItem(static f => f.Dispose(), this, preferLocal: false);
        var link = new LinkMeans(means.Transport, means.Limits, means.Clock, means.Draw);
        fallback = new BookFallback(means.Rest, gate, voice, means.Clock, means.FallbackPause, Say, stop.Token);
        market = new MarketStream(options, means.Rules, link, gate, voice, fallback, Say);
        if (options.User is not null)
            account = new AccountStream(options, means, link, gate, voice, Say, stop.Token);
        if (options.HasBlocks)
            blocks = new BlockStream(
                options,
                means.Rules,
                link,
                gate,
                voice,
                new BlockFrames(options.Venue, Proposers),
                Say
            );
    }

    /// <summary>
    /// Sentences for whoever watches, never with a signature in them. Called under the feed's lock: a listener must be quick.
    /// </summary>
    public event Action<string>? Said;

    /// <summary>Signed actions over the account's connection; null without an account.</summary>
    public IActionPath? Actions => account?.Posts;

    /// <summary>The same, with questions; null without an account.</summary>
    public SocketPosts? Posts => account?.Posts;

    /// <summary>The memory of the account's orders and fills, to which answers to actions belong too; null without an account.</summary>
    public AccountFeed? Account => account?.Feed;

    /// <summary>The addresses behind the numbers of proposers.</summary>
    public ProposerTable Proposers { get; } = new();

    /// <summary>Every connection has all it asked for, and the account was looked at.</summary>
    public bool IsLive
    {
        get
        {
            lock (gate)
                return !isOver
                    && market.Link.IsLive
                    && account?.IsBack != false
                    && account?.Link.IsLive != false
                    && blocks?.Link.IsLive != false;
        }
    }

    /// <summary>What was passed over so far.</summary>
    public FeedCounts Counts
    {
        get
        {
            lock (gate)
                return new FeedCounts(
                    market.Link.Unread + (account?.Link.Unread ?? 0) + (blocks?.Link.Unread ?? 0),
                    fallback.Told,
                    account?.Posts.Late ?? 0,
                    account?.Posts.Repeated ?? 0,
                    account?.Posts.Strange ?? 0
                );
        }
    }

    /// <summary>
    /// Connects, and stays connected until it is disposed or the run takes nothing of its account any more. A run that refuses market data
    /// leaves the market by what it is told of its account.
    /// </summary>
    public void Start()
    {
        account?.Link.Start();
        market.Link.Start();
        blocks?.Link.Start();
    }

    /// <summary>
    /// Looks at the account now and tells its fills and how it stands as events, as the core's <c>Resync</c> asks for. Null, or a
    /// sentence that says why nothing was told.
    /// </summary>
    public Task<string?> LookAsync(CancellationToken cancel) =>
        account is null ? Task.FromResult<string?>("no account is followed") : account.LookAsync(cancel);

    /// <summary>Ends every connection; requests that wait are unknown. No event comes after it.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isOver)
                return;
            isOver = true;
            stop.Cancel();
            market.Link.Dispose();
            account?.Link.Dispose();
            blocks?.Link.Dispose();
        }
    }

    private void Say(string sentence) => Said?.Invoke(sentence);
}
