using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>What a connection's life is told to. All of it under the link's lock, one call at a time.</summary>
internal interface ILinkUser
{
    /// <summary>
    /// A frame for the hot readers; false: not theirs. Whoever reads it tells <see cref="FeedLink.Heard"/> of which channel it was
    /// before its events are told.
    /// </summary>
    bool Read(ReadOnlyMemory<byte> frame);

    /// <summary>When the frame that is read next was whole here, or null when its reading is over.</summary>
    void Arrived(DateTimeOffset? at);

    /// <summary>A message that is none of the connection's own.</summary>
    void Take(StreamMessage message);

    /// <summary>The venue answered a request.</summary>
    void Answered(PostReply reply);

    /// <summary>The venue turned a request away.</summary>
    void TurnedAway(long id);

    /// <summary>A ping was answered.</summary>
    void Lived();

    /// <summary>A channel, or all, cannot be believed any more.</summary>
    void Lost(string? channel, string why);

    /// <summary>A channel can be believed from now on.</summary>
    void Back(string channel);

    /// <summary>A connection ended or did not come about.</summary>
    void Down(string why);

    /// <summary>A tenth of a second passed.</summary>
    void Ticked();

    /// <summary>A sentence for people.</summary>
    void Say(string sentence);
}

/// <summary>A channel of a connection and how it is asked for.</summary>
/// <param name="Channel">Its name and manner.</param>
/// <param name="Asked">The subscription.</param>
internal sealed record LinkChannel(FeedChannel Channel, Subscription Asked);

/// <summary>How a link reaches the venue.</summary>
/// <param name="Transport">Makes connections.</param>
/// <param name="Limits">Of this IP address.</param>
/// <param name="Clock">Of everything.</param>
/// <param name="Draw">Jitter in [0, 1).</param>
internal sealed record LinkMeans(ITransport Transport, SocketLimits Limits, TimeProvider Clock, Func<double> Draw);
