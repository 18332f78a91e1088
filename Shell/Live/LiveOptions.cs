using Vrlg.Adapters.Hyperliquid;
using Vrlg.Adapters.Hyperliquid.Trading;
using Vrlg.Core;

namespace Vrlg.Shell.Live;

/// <summary>What a live run is made with.</summary>
/// <param name="Network">Where.</param>
/// <param name="Setup">Settings and instrument.</param>
/// <param name="Key">Signs; its policy names the account.</param>
/// <param name="NonceFolder">Where the nonces of that key are kept, over runs.</param>
/// <param name="Folder">Of the run; must not hold one.</param>
/// <param name="Gateway">How orders are sent.</param>
public sealed record LiveOptions(
    Network Network,
    RunSetup Setup,
    TradingKey Key,
    string NonceFolder,
    string Folder,
    GatewayOptions Gateway
)
{
    /// <summary>How long a stop may take: cancels, their answers, the way out of what is held.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Events of the market that may wait for the run; one more ends it (<see cref="Inbox"/>).</summary>
    public int MostWaiting { get; init; } = 1 << 16;

    /// <summary>Who trades by a setup: the rotation scalper, or another one, whose journal then is replayed with the same.</summary>
    public Func<RunSetup, Desk[]> Desks { get; init; } = static setup => Vrlg.Core.Setup.desks(setup);
}
