using System.Collections.Immutable;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>What questions are asked with.</summary>
/// <param name="Rest">Asks.</param>
/// <param name="User">The account's address.</param>
/// <param name="Look">Looks at it and tells what it found; null, or a sentence that says why nothing was told.</param>
/// <param name="Venue">The venue's time.</param>
/// <param name="Budget">The address's allowance.</param>
/// <param name="Feed">Of the account: answers become events there.</param>
/// <param name="Codec">Of the account.</param>
/// <param name="Sink">Where events go.</param>
/// <param name="Clock">The run's.</param>
public sealed record QuestionParts(
    IVenueRest Rest,
    Address User,
    Func<CancellationToken, Task<string?>> Look,
    VenueClock Venue,
    ActionBudget Budget,
    AccountFeed Feed,
    AccountCodec Codec,
    IEventSink Sink,
    RunClock Clock
);

/// <summary>
/// The core's questions to the venue: what became of an order, how an account stands. A question that is not answered is no event:
/// the core asks again. Safe from any thread.
/// </summary>
public sealed class VenueQuestions(QuestionParts parts)
{
    private static readonly Duration Silence = Duration.OfMs(1_000);

    private readonly Lock gate = new();
    private readonly HashSet<(long Run, long N)> asked = [];
    private readonly AccountNews news = new();
    private readonly EventBatch events = new();
    private bool isLooking;
    private bool isLookOwed;

    /// <summary>Sentences for people: questions without an answer.</summary>
    public event Action<string>? Said;

    /// <summary>The questions of a step. Answers come as events; the calls do not wait for them.</summary>
    public void Take(ImmutableArray<Command> commands, CancellationToken stop)
    {
        foreach (var command in commands)
        {
            if (command is Command.Query query)
                _ = Guarded(() => QueryAsync(query.instrument, query.cloid, stop));
            else if (command is Command.Resync)
                _ = Guarded(() => LookAsync(stop));
        }
    }

    /// <summary>Asks what became of an order. "Not known" is told with the block time that the venue had certainly reached.</summary>
    public async Task QueryAsync(InstrumentId instrument, Cloid cloid, CancellationToken stop)
    {
        lock (gate)
        {
            if (!asked.Add((cloid.Run, cloid.N)))
                return;
        }

        try
        {
            if (parts.Venue.Silence.Ns > Silence.Ns)
                await TimeAsync(stop).ConfigureAwait(false);
            var asOf = parts.Venue.LastHeard;
            var body = Question.Of("orderStatus", parts.User, cloid);
            if (await Ask(Info.OrderStatus, body, stop).ConfigureAwait(false) is not { } said)
                return;
            lock (gate)
            {
                events.Clear();
                if (said.Order is not { } row)
                {
                    parts.Feed.Answered(instrument, cloid, Answer.NotKnown, asOf, events);
                }
                else
                {
                    parts.Codec.Read(row, news);
                    parts.Feed.Take(news, events);
                }

                Tell();
            }
        }
        finally
        {
            lock (gate)
                asked.Remove((cloid.Run, cloid.N));
        }
    }

    /// <summary>Looks at the account. While one look is under way another one waits for it.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        lock (gate)
        {
            isLookOwed = isLooking;
            if (isLooking)
                return;
            isLooking = true;
        }

        try
        {
            do
            {
                lock (gate)
                    isLookOwed = false;
                if (await parts.Look(stop).ConfigureAwait(false) is { } why)
                    Said?.Invoke($"the account was not told: {why}");
            } while (IsLookOwed());
        }
        finally
        {
            lock (gate)
                isLooking = false;
        }
    }

    /// <summary>Asks for the venue's time. False when it was not told.</summary>
    public async Task<bool> TimeAsync(CancellationToken stop)
    {
        var why = await parts.Rest.AskTimeAsync(parts.Venue, parts.Clock, stop).ConfigureAwait(false);
        if (why is not null)
            Said?.Invoke(why);
        return why is null;
    }

    /// <summary>Asks for the address's allowance of actions. False when it was not told.</summary>
    public async Task<bool> BudgetAsync(CancellationToken stop)
    {
        var why = await parts.Budget.AskAsync(parts.Rest, parts.User, stop).ConfigureAwait(false);
        if (why is not null)
            Said?.Invoke(why);
        return why is null;
    }

    private bool IsLookOwed()
    {
        lock (gate)
            return isLooking = isLookOwed;
    }

    private void Tell()
    {
        if (events.Events.Length > 0 && !parts.Sink.Take(events.Events, parts.Clock.Now))
            Said?.Invoke("the run takes no more events: an answer of the venue was not told");
    }

    private async Task<T?> Ask<T>(Shape<T> shape, byte[] body, CancellationToken stop)
        where T : class
    {
        var (value, why) = await parts.Rest.AskAsync(shape, body, stop).ConfigureAwait(false);
        if (value is null)
            Said?.Invoke(why);
        return value;
    }

    private async Task Guarded(Func<Task> question)
    {
        try
        {
            await question().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Said?.Invoke($"a question to the venue broke off: {e.Message}");
        }
    }
}
