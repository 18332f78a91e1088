using System.Collections.Immutable;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>Where a feed's connection stands.</summary>
public enum LinkPhase
{
    /// <summary>Waits before it tries again.</summary>
    BackingOff,

    /// <summary>A connection is being made.</summary>
    Connecting,

    /// <summary>Connected; the venue has not acknowledged every subscription yet.</summary>
    Subscribing,

    /// <summary>Every subscription stands.</summary>
    Live,
}

/// <summary>How a channel speaks when all is well.</summary>
public enum ChannelManner
{
    /// <summary>When something happens: silence says nothing, the connection's life is its own.</summary>
    OnEvents,

    /// <summary>First with how things stand, then when something happens: before its first frame it is not believed.</summary>
    FirstThenEvents,

    /// <summary>In a rhythm that is measured: silence of three beats is staleness.</summary>
    Periodic,
}

/// <summary>One subscription: how it is asked for, and how its channel speaks.</summary>
/// <param name="Name">Its own name, unique in a feed: the canonical text of the subscription.</param>
/// <param name="Manner">How it speaks.</param>
public sealed record FeedChannel(string Name, ChannelManner Manner);

/// <summary>What a feed's machine goes by. All spans in ms of a monotonic clock.</summary>
/// <param name="Channels">What is subscribed to.</param>
/// <param name="PingAfter">Silence of the connection after which the venue's ping is sent.</param>
/// <param name="DeadAfter">Silence after which the connection is dead.</param>
/// <param name="OpenWithin">Longest time that connecting may take.</param>
/// <param name="AckWithin">Longest time until every subscription is acknowledged.</param>
/// <param name="FirstPause">Pause after the first failure; doubled by each that follows.</param>
/// <param name="LongestPause">No pause is longer.</param>
/// <param name="StableAfter">So long live forgets earlier failures.</param>
/// <param name="FirstBeat">Taken for the rhythm of a periodic channel until it is measured.</param>
public sealed record FeedRules(
    ImmutableArray<FeedChannel> Channels,
    long PingAfter = 1_000,
    long DeadAfter = 3_000,
    long OpenWithin = 10_000,
    long AckWithin = 10_000,
    long FirstPause = 250,
    long LongestPause = 30_000,
    long StableAfter = 30_000,
    long FirstBeat = 5_000
);

/// <summary>What happened to a feed, at a time. Whatever names a connection that is not the present one says nothing.</summary>
public abstract record FeedInput
{
    private FeedInput() { }

    /// <summary>Time went on. <paramref name="Draw"/> in [0, 1) is the jitter of a pause that begins now.</summary>
    public sealed record Ticked(double Draw) : FeedInput;

    /// <summary>The connection stands.</summary>
    public sealed record Opened(long Connection) : FeedInput;

    /// <summary>The connection is gone, or never came about.</summary>
    public sealed record Closed(long Connection, double Draw) : FeedInput;

    /// <summary>The venue acknowledged a subscription, or says that it stands already.</summary>
    public sealed record Acknowledged(long Connection, string Channel) : FeedInput;

    /// <summary>The venue does not want a subscription, or it exceeds a limit: not before the next connection.</summary>
    public sealed record Refused(long Connection, string Channel, string Why) : FeedInput;

    /// <summary>A frame came: of a channel, or of none (a pong, an answer).</summary>
    public sealed record Heard(long Connection, string? Channel) : FeedInput;
}

/// <summary>What the shell is to do.</summary>
public abstract record FeedOutput
{
    private FeedOutput() { }

    /// <summary>Make a connection of this number.</summary>
    public sealed record Connect(long Connection) : FeedOutput;

    /// <summary>End this connection: it is dead or of no use.</summary>
    public sealed record Drop(long Connection, string Why) : FeedOutput;

    /// <summary>Ask for these.</summary>
    public sealed record Subscribe(ImmutableArray<FeedChannel> Channels) : FeedOutput;

    /// <summary>Send the venue's ping.</summary>
    public sealed record Ping : FeedOutput;

    /// <summary>Nothing of a channel can be believed any more; of every channel where none is named.</summary>
    public sealed record Lost(string? Channel, string Why) : FeedOutput;

    /// <summary>A channel speaks again: what it says from now on is the whole truth.</summary>
    public sealed record Back(string Channel) : FeedOutput;
}

/// <summary>One channel of a feed.</summary>
/// <param name="IsAcknowledged">The venue acknowledged it on this connection.</param>
/// <param name="IsFresh">It can be believed.</param>
/// <param name="HeardAt">Its last frame on this connection; -1 before the first.</param>
/// <param name="Beat">Measured time between its frames; 0 before the second, -1 before the third: not known.</param>
/// <param name="IsRefused">The venue does not want it on this connection.</param>
public readonly record struct ChannelState(
    bool IsAcknowledged,
    bool IsFresh,
    long HeardAt,
    long Beat,
    bool IsRefused = false
);

/// <summary>A feed at a moment.</summary>
/// <param name="Phase">Of its connection.</param>
/// <param name="Since">When the phase began.</param>
/// <param name="HeardAt">The last frame of any kind.</param>
/// <param name="PingedAt">The last ping; -1 when a frame came since.</param>
/// <param name="Failures">In a row.</param>
/// <param name="RetryAt">End of the pause.</param>
/// <param name="Channels">By channel, in the order of the rules.</param>
/// <param name="Connection">The number of the present connection, or of the last; 0 before the first. Never used twice.</param>
public sealed record FeedState(
    LinkPhase Phase,
    long Since,
    long HeardAt,
    long PingedAt,
    int Failures,
    long RetryAt,
    ImmutableArray<ChannelState> Channels,
    long Connection = 0
);
