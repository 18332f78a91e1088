using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.FSharp.Core;
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
    private readonly Channel<string> sentences = System.Threading.Channels.Channel.CreateBounded<string>(
        new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );
    private readonly Task spoken;
    private volatile bool isAsked;
    private volatile bool isLeaving;

    private LiveHost(LiveParts parts, LiveOptions options)
    {
        this.parts = parts;
        this.options = options;
        spoken = Task.Run(Speak);
        parts.Gateway.Said += Say;
        parts.Questions.Said += Say;
        parts.Feed.Said += Say;
        parts.Gateway.Forbids = Forbids;
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

    /// <summary>
    /// Sentences for whoever watches, one after the other from a thread of their own: a listener that is slow, or never returns, holds up
    /// no order. Never with a signature in them; of more than a thousand that wait the oldest are left out.
    /// </summary>
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
            Loop.Run(
                () => isAsked || stop.IsCancellationRequested || parts.Inbox.Trouble is not null,
                CancellationToken.None
            );
            isLeaving = true;
            if (parts.Inbox.Trouble is { } why)
                Say(why);
            Loop.Order(OperatorOrder.Flatten);
            // As after a break: what others did to the account is not known before one more look.
            _ = parts.Inbox.Take(
                [Event.FeedBack(new VenueId(0), Vrlg.Core.Channel.Account, FSharpValueOption<InstrumentId>.None)],
                parts.Clock.Now
            );
            var until = parts.Clock.Now.Ns + options.StopWithin.Ticks * 100;
            Loop.Run(() => IsFlat() || parts.Clock.Now.Ns > until, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Without a journal nothing is stepped any more, nor by a desk that broke: what stands at the venue is pulled as it was known
            // last. The connection must not go under the cancels.
            isLeaving = true;
            parts.Gateway.Take(Pulls());
            _ = SpinWait.SpinUntil(() => parts.Gateway.InFlight == 0, options.StopWithin);
            Say($"the run broke off: {e.Message}; orders were pulled, what is held stays: look at the account");
            Hush();
            throw;
        }

        parts.Inbox.Close();
        var isFlat = IsFlat();
        if (!isFlat)
            Say($"not everything is closed after {options.StopWithin.TotalSeconds:0} s: look at the account");
        parts.Journal.End(Loop.State);
        parts.Folder.Complete();
        Hush();
        return isFlat;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        over.Cancel();
        try
        {
            parts.Dispose();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Say($"the run's parts did not all end well: {e.Message}");
            throw;
        }
        finally
        {
            Hush();
        }
    }

    // What was never looked at, or must be again, is not known to hold nothing.
    private bool IsFlat()
    {
        var facts = Loop.State.Facts;
        var account = new AccountId(0);
        return facts.Orders.LiveCount == 0
            && facts.Ledger.Position(account, new InstrumentId(0)).Size.IsZero
            && facts.Health.Knows(account)
            && parts.Gateway.InFlight == 0;
    }

    private string? Forbids() =>
        isLeaving ? "the run leaves the market"
        : parts.Feed.IsLive ? Loop.Refusal()
        : "the feed of the venue is not live";

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

    // The venue's time, the allowance of actions, the account and what earlier runs left, again and again; the time sooner while it
    // holds something up, the leftovers once the last of them can have come.
    private async Task Watch()
    {
        var lookEvery = Math.Max(1, (int)(options.LookEvery / Pause));
        var late = (options.Gateway.Ttl.Ns + Expiry.Grace.Ns + VenueClock.MostSkew.Ns) / (Pause.Ticks * 100) + 1;
        using var timer = new PeriodicTimer(Pause, parts.Clock);
        try
        {
            for (var i = 1; await timer.WaitForNextTickAsync(over.Token).ConfigureAwait(false); i++)
            {
                if (i % TimeEvery == 0 || parts.Venue.Refusal() is not null)
                    await parts.Questions.TimeAsync(over.Token).ConfigureAwait(false);
                if (i % BudgetEvery == 0)
                    await parts.Questions.BudgetAsync(over.Token).ConfigureAwait(false);
                if (i % lookEvery == 0)
                    await parts.Questions.LookAsync(over.Token).ConfigureAwait(false);
                if (i == late || i % lookEvery == 0)
                    await CancelLate().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    // An order of an earlier run that was on its way when that run was killed came after the look before this one.
    private async Task CancelLate()
    {
        var (cancelled, why) = await parts.CancelLeftovers(over.Token).ConfigureAwait(false);
        if (cancelled > 0)
            Say($"{cancelled} orders of an earlier run came late and are cancelled");
        else if (cancelled < 0)
            Say($"whether an earlier run left orders is not known: {why}");
    }

    // What people must know; the rest stands in the journal.
    private void Tell(Note note)
    {
        if (note is Note.FitnessChanged or Note.Drifted or Note.OrderFaulted)
            Say(Words.note(note));
    }

    // Under whichever lock it is said: the feed's among them, which every action needs.
    private void Say(string sentence) => sentences.Writer.TryWrite(sentence);

    private async Task Speak()
    {
        await foreach (var sentence in sentences.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                Said?.Invoke(sentence);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A listener that breaks is no fault of the run's.
            }
        }
    }

    // What was said is heard before the run is over, by whoever listens.
    private void Hush()
    {
        sentences.Writer.TryComplete();
        _ = spoken.Wait(TimeSpan.FromSeconds(1));
    }
}
