using Vrlg.Adapters.Hyperliquid.Net;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>How a feed reaches the venue. What is shared by an IP address is shared by all feeds of a process.</summary>
/// <param name="Transport">Makes connections.</param>
/// <param name="Limits">Of this IP address over WebSockets.</param>
/// <param name="Rest">Asks over HTTP.</param>
/// <param name="Budget">The allowance of requests, the same that <paramref name="Rest"/> has.</param>
/// <param name="Clock">Of everything, the run's own too.</param>
/// <param name="Draw">Jitter in [0, 1), from a source with a seed where a run is to be repeated.</param>
public sealed record FeedMeans(
    ITransport Transport,
    SocketLimits Limits,
    RestClient Rest,
    WeightBudget Budget,
    TimeProvider Clock,
    Func<double> Draw
)
{
    /// <summary>Spans of silence, of pauses and of patience; its channels are not looked at.</summary>
    public FeedRules Rules { get; init; } = new([]);

    /// <summary>Longest time that the answer to a request over the socket may take.</summary>
    public TimeSpan PostTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two books over REST.</summary>
    public TimeSpan FallbackPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Before an account is looked at again after a look that failed.</summary>
    public TimeSpan LookPause { get; init; } = TimeSpan.FromSeconds(2);
}
