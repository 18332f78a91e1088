using System.Collections.Immutable;
using Vrlg.Adapters;
using Vrlg.Adapters.Hyperliquid;
using Vrlg.Adapters.Hyperliquid.Feeds;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Trading;
using Vrlg.Core;

namespace Vrlg.Shell.Live;

/// <summary>
/// A run against a venue: feed, account, gateway and the engine's loop with its journal. Before it trades it asks for the venue's time,
/// the instrument and the action budget and cancels what earlier runs left. At its end it pulls everything, leaves what is held and waits
/// for the answers. Lease, watchdog and alerts are not here yet: whoever opens it watches <see cref="Said"/>.
/// </summary>
public sealed class LiveHost : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private const int TimeEvery = 5;
    private const int BudgetEvery = 30;

    private readonly LiveParts parts;
    private readonly LiveOptions options;
    private readonly CancellationTokenSource over = new();
    private volatile bool isAsked;

    private LiveHost(LiveParts parts, LiveOptions options)
    {
        this.parts = parts;
        this.options = options;
        parts.Gateway.Said += Say;
        parts.Questions.Said += Say;
        parts.Feed.Said += Say;
        parts.Gateway.Forbids = () => parts.Feed.IsLive ? null : "the feed of the venue is not live";
        Loop = new EngineLoop(
            Vrlg.Core.Setup.engine(parts.Setup),
            options.Desks(parts.Setup),
            parts.Inbox,
            parts.Journal,
            parts.Clock
        )
        {
            CarryOut = CarryOut,
            Written = parts.Journal.Flush,
        };
        Loop.Noted += Tell;
    }

    /// <summary>Sentences for whoever watches, from any thread; never with a signature in them.</summary>
    public event Action<string>? Said;

    /// <summary>The run's number: a nonce of its key, so that no two runs have the same; near the venue's time at its start, ms.</summary>
    public long Run => parts.Run;

    /// <summary>The settings in force: as given, with the action budget that the venue told.</summary>
    public RunSetup Setup => parts.Setup;

    /// <summary>The loop, with the state: read it when <see cref="Trade"/> has returned.</summary>
    public EngineLoop Loop { get; }

    /// <summary>The feed.</summary>
    public HyperliquidFeed Feed => parts.Feed;

    /// <summary>Events that waited at most.</summary>
    public int MostWaiting => parts.Inbox.Most;

    /// <summary>Why the run was told to stop; null while it keeps up.</summary>
    internal string? Trouble => parts.Inbox.Trouble;

    /// <summary>Asks the venue what must be known and opens the run's folder. Null and a sentence when it cannot begin.</summary>
    /// <exception cref="RunFolderException">The folder cannot be made.</exception>
    public static async Task<(LiveHost? Host, string Why)> OpenAsync(LiveOptions options, CancellationToken stop)
    {
        var (parts, why) = await LiveParts.OpenAsync(options, stop).ConfigureAwait(false);
        return parts is null ? (null, why) : (new LiveHost(parts, options), "");
    }

    /// <summary>
    /// Trades on this thread until <paramref name="stop"/>, then leaves the market. True: nothing of ours is left there. The journal ends
    /// either way.
    /// </summary>
    public bool Trade(CancellationToken stop)
    {
        Loop.Start(new RunFacts(parts.Run, 1));
        parts.Feed.Start();
        _ = Task.Run(Watch, CancellationToken.None);
        try
        {
            Loop.Run(() => isAsked || stop.IsCancellationRequested, CancellationToken.None);
            Loop.Order(OperatorOrder.Flatten);
            var until = parts.Clock.Now.Ns + options.StopWithin.Ticks * 100;
            Loop.Run(() => IsFlat() || parts.Clock.Now.Ns > until, CancellationToken.None);
        }
        catch
        {
            // A journal that cannot be written, or a fault of ours: nothing is stepped any more, and what stands at the venue is pulled as
            // it was known last.
            parts.Gateway.Take(Pulls());
            throw;
        }

        parts.Inbox.Close();
        var isFlat = IsFlat();
        if (!isFlat)
            Say($"not everything is closed after {options.StopWithin.TotalSeconds:0} s: look at the account");
        parts.Journal.End(Loop.State);
        parts.Folder.Complete();
        return isFlat;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        over.Cancel();
        parts.Dispose();
    }

    private bool IsFlat()
    {
        var facts = Loop.State.Facts;
        var held = facts.Ledger.Position(new AccountId(0), new InstrumentId(0)).Size;
        return facts.Orders.LiveCount == 0 && held.IsZero && parts.Gateway.InFlight == 0;
    }

    private ImmutableArray<Command> Pulls()
    {
        var pulls = ImmutableArray.CreateBuilder<Command>();
        foreach (var order in Loop.State.Facts.Orders.LiveOrders)
            pulls.Add(Command.NewCancel(order.New.Account, order.New.Instrument, order.New.Cloid));
        return pulls.ToImmutable();
    }

    private void CarryOut(ImmutableArray<Command> commands)
    {
        parts.Gateway.Take(commands);
        parts.Questions.Take(commands, over.Token);
        foreach (var command in commands)
        {
            if (command is not Command.Quit quit)
                continue;
            Say(quit.reason);
            isAsked = true;
        }
    }

    // The venue's time and the allowance of actions, again and again; the time sooner while it holds something up.
    private async Task Watch()
    {
        using var timer = new PeriodicTimer(Pause, parts.Clock);
        try
        {
            for (var i = 1; await timer.WaitForNextTickAsync(over.Token).ConfigureAwait(false); i++)
            {
                if (i % TimeEvery == 0 || parts.Venue.Refusal() is not null)
                    await parts.Questions.TimeAsync(over.Token).ConfigureAwait(false);
                if (i % BudgetEvery == 0)
                    await parts.Questions.BudgetAsync(over.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    // What people must know; the rest stands in the journal.
    private void Tell(Note note)
    {
        if (note is Note.FitnessChanged or Note.Drifted or Note.OrderFaulted)
            Say(Words.note(note));
    }

    private void Say(string sentence) => Said?.Invoke(sentence);
}
