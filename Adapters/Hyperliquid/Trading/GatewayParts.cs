using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>How orders are sent.</summary>
/// <param name="Window">What opens waits so long for company (<c>BATCH_WINDOW_MS</c>); 0 sends each step's commands at once.</param>
/// <param name="Ttl">How long a quote is wanted; a host sets it by its settings.</param>
/// <param name="FlushAt">So many waiting orders go without waiting longer.</param>
public sealed record GatewayOptions(TimeSpan Window, Duration Ttl, int FlushAt)
{
    /// <summary>2 ms, a second, 20 orders.</summary>
    public static GatewayOptions Default { get; } = new(TimeSpan.FromMilliseconds(2), Duration.OfMs(1_000), 20);
}

/// <summary>What a gateway is made of.</summary>
/// <param name="Key">Signs.</param>
/// <param name="Nonces">Of that key.</param>
/// <param name="Rest">Carries actions where no socket does.</param>
/// <param name="Socket">Carries them while it lives; none: HTTP alone.</param>
/// <param name="Venue">The venue's time.</param>
/// <param name="Budget">The address's allowance.</param>
/// <param name="Feed">Of the account: answers become events there.</param>
/// <param name="Sink">Where events go.</param>
/// <param name="Assets">What is traded.</param>
/// <param name="Clock">The run's.</param>
public sealed record GatewayParts(
    TradingKey Key,
    Nonces Nonces,
    IVenueRest Rest,
    IActionPath? Socket,
    VenueClock Venue,
    ActionBudget Budget,
    AccountFeed Feed,
    IEventSink Sink,
    TradedAssets Assets,
    RunClock Clock
);
