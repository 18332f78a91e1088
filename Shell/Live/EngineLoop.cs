using System.Collections.Immutable;
using Vrlg.Adapters;
using Vrlg.Core;
using Vrlg.Sim;

namespace Vrlg.Shell.Live;

/// <summary>
/// The one owner of a run's state: numbers each event, has it written, steps it, has what was said written, and hands the commands
/// of the step on as one batch. The heartbeat comes on the grid; a late one comes for every instant that was missed. At one
/// instant: what arrived, then the heartbeat. One thread.
/// </summary>
public sealed class EngineLoop
{
    /// <summary>Distance of the heartbeat's grid (D0-034).</summary>
    public static readonly Duration Tick = Duration.OfMs(100);

    /// <summary>A loop that is farther behind decides on a past that nobody quotes in: the core's own measure of an old book.</summary>
    public static readonly Duration MostBehind = Duration.OfMs(2_000);

    private readonly Config config;
    private readonly Inbox inbox;
    private readonly IWatch watch;
    private readonly RunClock clock;
    private State state;
    private long seq;
    private long lastNs;
    private long beatNs = long.MaxValue;
    private bool isTold;

    /// <summary>A loop over a cold state.</summary>
    /// <param name="config">What the engine is fixed to.</param>
    /// <param name="desks">Who trades.</param>
    /// <param name="inbox">Where events come from.</param>
    /// <param name="watch">The journal.</param>
    /// <param name="clock">The run's.</param>
    public EngineLoop(Config config, Desk[] desks, Inbox inbox, IWatch watch, RunClock clock)
    {
        this.config = config;
        this.inbox = inbox;
        this.watch = watch;
        this.clock = clock;
        state = Engine.Own(Engine.Create(config, desks));
    }

    /// <summary>What the commands of a step become: called once a step that has any, after all of it is written.</summary>
    public required Action<ImmutableArray<Command>> CarryOut { get; init; }

    /// <summary>Called before commands leave: what is written is handed to the operating system.</summary>
    public required Action Written { get; init; }

    /// <summary>What the engine says to people.</summary>
    public event Action<Note>? Noted;

    /// <summary>The state: for its owner's thread alone.</summary>
    public State State => state;

    /// <summary>Events stepped so far.</summary>
    public long Events => seq;

    /// <summary>The first event of a run; the heartbeat begins.</summary>
    public void Start(RunFacts run)
    {
        var now = clock.Now;
        beatNs = (now.Ns / Tick.Ns + 1) * Tick.Ns;
        var started = Event.Of(RareEvent.NewRunStarted(run), now);
        Step(started, now.Ns);
    }

    /// <summary>
    /// Why nothing may open as far as the loop is concerned, in a sentence; null when it may. What it steps is as old as it is behind.
    /// From any thread.
    /// </summary>
    public string? Refusal()
    {
        var behind = clock.Now.Ns - Interlocked.Read(ref lastNs);
        return behind > MostBehind.Ns ? $"the run is {behind / 1_000_000} ms behind what arrives" : null;
    }

    /// <summary>Steps everything that is there by now. A full inbox is told before what waits in it: that is of the past.</summary>
    public void Pump()
    {
        TellTrouble();
        while (inbox.TryNext(out var next, out var at))
        {
            BeatBefore(at.Ns);
            Step(next, at.Ns);
            TellTrouble();
        }

        BeatBefore(clock.Now.Ns + 1);
        TellTrouble();
    }

    /// <summary>An operator's word, now.</summary>
    public void Order(OperatorOrder order)
    {
        var now = clock.Now;
        Step(Event.Of(RareEvent.NewOperator(order), now), now.Ns);
    }

    /// <summary>Pumps until <paramref name="isOver"/>, which is asked after every round, or until <paramref name="stop"/>.</summary>
    public void Run(Func<bool> isOver, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Pump();
            if (isOver())
                return;
            var wait = beatNs - clock.Now.Ns;
            // Whole milliseconds are waited for, rounded up: less would turn round and round.
            if (wait > 0)
                inbox.Wait(TimeSpan.FromMilliseconds(wait / 1_000_000 + 1), stop);
        }
    }

    private void TellTrouble()
    {
        if (isTold || inbox.Trouble is not { } why)
            return;
        isTold = true;
        Order(OperatorOrder.NewKill(why));
    }

    private void BeatBefore(long ns)
    {
        for (; beatNs < ns; beatNs += Tick.Ns)
            Step(Event.Ticked(Instant.Of(beatNs)), beatNs);
    }

    // Threads hand in at their own pace: an instant is never before the one that was stepped last.
    private void Step(Event next, long atNs)
    {
        Interlocked.Exchange(ref lastNs, Math.Max(lastNs, atNs));
        var input = new Stamped(seq++, Instant.Of(lastNs), next);
        watch.Arrived(in input);
        var stepped = Engine.Step(config, state, in input);
        state = stepped.Item1;
        var output = stepped.Item2;
        watch.Stepped(in input, in output, state);
        if (!output.Notes.IsDefaultOrEmpty && Noted is { } tell)
        {
            foreach (var note in output.Notes)
                tell(note);
        }

        if (output.Commands.IsDefaultOrEmpty)
            return;
        Written();
        CarryOut(output.Commands);
    }
}
