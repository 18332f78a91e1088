using System.Runtime.ExceptionServices;
using Vrlg.Adapters;
using Vrlg.Adapters.Hyperliquid;
using Vrlg.Adapters.Hyperliquid.Feeds;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Trading;
using Vrlg.Core;

namespace Vrlg.Shell.Live;

/// <summary>The parts of a live run, made one after the other; what was made is let go when a later one cannot be.</summary>
internal sealed class LiveParts : IDisposable
{
    private const int WaitingOfAccount = 1 << 12;
    private const int WeightReserve = 300;
    private const long ActionReserve = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly List<IDisposable> mine = [];

    private LiveParts(RunClock clock) => Clock = clock;

    public RunClock Clock { get; }
    public required RunSetup Setup { get; init; }
    public required long Run { get; init; }
    public required VenueClock Venue { get; init; }
    public required Inbox Inbox { get; init; }
    public required HyperliquidFeed Feed { get; init; }
    public required OrderGateway Gateway { get; init; }
    public required VenueQuestions Questions { get; init; }

    /// <summary>Cancels what earlier runs left, as <see cref="Leftovers.CancelAsync"/> answers.</summary>
    public required Func<CancellationToken, Task<(int Cancelled, string Why)>> CancelLeftovers { get; init; }
    public required JournalWriter Journal { get; init; }
    public required RunFolder Folder { get; init; }

    /// <summary>Everything that a run needs. Null and a sentence when the venue does not let it begin.</summary>
    public static async Task<(LiveParts? Parts, string Why)> OpenAsync(LiveOptions options, CancellationToken stop)
    {
        var made = new List<IDisposable>();
        T Mine<T>(T one)
            where T : IDisposable
        {
            made.Add(one);
            return one;
        }

        var isWhole = false;
        try
        {
            var clock = new RunClock(TimeProvider.System);
            var weights = new WeightBudget(Weights.PerMinute, WeightReserve, clock);
            var rest = Mine(new RestClient(options.Network, weights, Patience, clock));
            var venue = new VenueClock(clock);
            var (apart, _) = await rest.SettleTimeAsync(venue, clock, stop).ConfigureAwait(false);
            if (apart is not null)
                return (null, apart);
            // Before a nonce is taken or anything is cancelled: of a key that is not known to be its account's, nothing is signed.
            if ((await SignerRole.AskAsync(rest, options.Key, stop).ConfigureAwait(false)).Refusal is { } stranger)
                return (null, stranger);
            var (assets, unlisted) = await AssetsOf(options.Setup, rest, stop).ConfigureAwait(false);
            if (assets is null)
                return (null, unlisted);
            if (Nonces.Open(options.NonceFolder, options.Key.Signer, clock, out var trouble) is not { } nonces)
                return (null, trouble);
            Mine(nonces);
            // No time of a clock: a chain that stands would name two runs alike, and their orders with them.
            if (!nonces.TryNext(out var number, out trouble))
                return (null, trouble);
            var run = (long)number;
            var user = options.Key.Policy.Account;
            var direct = new DirectActions(options.Key, nonces, rest);
            Task<(int, string)> CancelLeftovers(CancellationToken until) =>
                Leftovers.CancelAsync(rest, direct, user, assets, run - 1, clock, until);
            var (left, standing) = await CancelLeftovers(stop).ConfigureAwait(false);
            if (left < 0)
                return (null, standing);
            var budget = new ActionBudget(ActionReserve);
            if (await budget.AskAsync(rest, user, stop).ConfigureAwait(false) is { } uncounted)
                return (null, uncounted);
            var setup = WithAllowance(options.Setup, budget.Left);

            var inbox = Mine(new Inbox(options.Waiting, WaitingOfAccount));
            var feed = Mine(
                new HyperliquidFeed(
                    new FeedOptions(
                        options.Network,
                        new VenueId(0),
                        [.. assets.All.Select(a => new FeedCoin(a.Coin, a.Id, a.BaseToken))],
                        new AccountId(0),
                        user,
                        run,
                        venue.LastHeard
                    ),
                    new FeedMeans(
                        new WebsocketTransport(Patience),
                        new SocketLimits(new SocketAllowance(), clock),
                        rest,
                        weights,
                        clock,
                        Random.Shared.NextDouble
                    ),
                    inbox,
                    venue
                )
            );
            var account = feed.Account!;
            var gateway = Mine(
                new OrderGateway(
                    new GatewayParts(
                        options.Key,
                        nonces,
                        rest,
                        feed.Actions,
                        venue,
                        budget,
                        account,
                        inbox,
                        assets,
                        clock
                    ),
                    options.Gateway with
                    {
                        Ttl = Vrlg.Core.Setup.scalper(setup).Ttl,
                    }
                )
            );
            var questions = new VenueQuestions(
                new QuestionParts(
                    rest,
                    user,
                    feed.LookAsync,
                    venue,
                    budget,
                    account,
                    new AccountCodec(new AccountCoins(user, assets.Coins)),
                    inbox,
                    clock
                )
            );
            var folder = RunFolder.Create(options.Folder, force: false);
            folder.Write("config.effective.toml", Reader.show(setup.Values));
            var journal = Mine(new JournalWriter(folder.Path, JournalHeaders.Of(setup, run)));
            isWhole = true;
            var parts = new LiveParts(clock)
            {
                Setup = setup,
                Run = run,
                Venue = venue,
                Inbox = inbox,
                Feed = feed,
                Gateway = gateway,
                Questions = questions,
                CancelLeftovers = CancelLeftovers,
                Journal = journal,
                Folder = folder,
            };
            parts.mine.AddRange(made);
            return (parts, "");
        }
        finally
        {
            // Why it does not begin is told already.
            if (!isWhole)
                _ = LettingGo.Of(made);
        }
    }

    /// <summary>Lets every part go, and throws the first trouble afterwards.</summary>
    public void Dispose()
    {
        if (LettingGo.Of(mine) is { } trouble)
            ExceptionDispatchInfo.Throw(trouble);
    }

    // What the core counts is what the venue has left: it stands in the journal, so that a replay counts the same.
    private static RunSetup WithAllowance(RunSetup setup, long left) =>
        new(setup.Values.Derived("account.allowance", Setting.NewWhole(left)), setup.Instrument);

    private static async Task<(TradedAssets? Assets, string Why)> AssetsOf(
        RunSetup setup,
        RestClient rest,
        CancellationToken stop
    )
    {
        var rules = setup.Instrument;
        if (rules.Kind != InstrumentKind.Perp)
            return (null, $"{rules.Name} is no perpetual: only those are traded live so far");
        var (found, why) = await ListedAsset.FindPerpAsync(rest, rules.Name, rules.Id, stop).ConfigureAwait(false);
        if (found is null)
            return (null, why);
        return found.Instrument.SzDecimals == rules.SzDecimals
            ? (new TradedAssets([found.Asset]), "")
            : (
                null,
                $"the venue sizes {rules.Name} with {found.Instrument.SzDecimals} decimals and the settings with {rules.SzDecimals}: mend instruments.toml"
            );
    }
}
