using System.Buffers;
using System.Collections.Immutable;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>
/// Orders and cancels of an account to the venue. A step's commands go together; what opens waits a moment for company, cancels and
/// exits take everything along at once. An action is signed once and sent once: over the socket while that lives, else over HTTP,
/// and never on the other one unless not a byte left. No answer is told as such, and the core asks by our number; a noop that takes the
/// nonce proves sooner that the orders can never run (<see cref="NonceProof"/>). Orders are never modified: the core cancels, then
/// places what remains.
/// </summary>
public sealed class OrderGateway : IDisposable
{
    private readonly GatewayParts parts;
    private readonly GatewayOptions options;
    private readonly Lock gate = new();
    private readonly List<NewOrder> places = [];
    private readonly List<Withdrawal> cancels = [];
    private readonly CancellationTokenSource stop = new();
    private readonly ITimer window;
    private readonly EventBatch local = new();
    private Cloid last = Cloid.None;
    private string? lastRefusal;
    private bool isWaiting;
    private bool isOver;
    private int inFlight;

    /// <summary>A gateway; <see cref="Dispose"/> ends its waiting for answers.</summary>
    public OrderGateway(GatewayParts parts, GatewayOptions options)
    {
        this.parts = parts;
        this.options = options;
        window = parts.Clock.CreateTimer(
            static me => ((OrderGateway)me!).WindowOver(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>Sentences for people: refusals, lost answers. Never with a signature in them.</summary>
    public event Action<string>? Said;

    /// <summary>Why nothing may open besides the clocks and the budget, such as a dead feed of the account; null when it may.</summary>
    public Func<string?> Forbids { get; set; } = static () => null;

    /// <summary>Actions without an answer so far.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>
    /// The places and cancels of a step, in its order. An order is taken once: one that comes again, or after a later one, is left out.
    /// </summary>
    public void Take(ImmutableArray<Command> commands)
    {
        lock (gate)
        {
            var isUrgent = false;
            foreach (var command in commands)
            {
                if (command is Command.Place place)
                    isUrgent |= Add(place.order.Order);
                else if (command is Command.Cancel cancel)
                    isUrgent |= Add(new Withdrawal(cancel.instrument, cancel.cloid));
            }

            Go(isUrgent);
        }
    }

    /// <summary>The same where no core reviewed them: for tests.</summary>
    internal void Take(IEnumerable<Withdrawal> gone, IEnumerable<NewOrder> orders)
    {
        lock (gate)
        {
            var isUrgent = false;
            foreach (var cancel in gone)
                isUrgent |= Add(cancel);
            foreach (var order in orders)
                isUrgent |= Add(order);
            Go(isUrgent);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A window that is over already may wait for the gate: nothing may leave once this has returned.
        lock (gate)
            isOver = true;
        window.Dispose();
        stop.Cancel();
    }

    // The core counts its orders upward: what is not above the last was here before. True: it does not wait.
    private bool Add(NewOrder order)
    {
        if (order.Cloid.Run == last.Run && order.Cloid.N <= last.N)
        {
            Said?.Invoke($"{order.Cloid} was handed over twice; it is sent once");
            return false;
        }

        last = order.Cloid;
        places.Add(order);
        return order.Tif == Tif.Ioc || !parts.Assets.Opens(order);
    }

    // What has not left yet need not be cancelled.
    private bool Add(Withdrawal cancel)
    {
        var waiting = places.FindIndex(o => o.Cloid == cancel.Cloid);
        if (waiting < 0)
        {
            cancels.Add(cancel);
        }
        else
        {
            var order = places[waiting];
            places.RemoveAt(waiting);
            Refuse([order], "it was cancelled before it left");
        }

        return true;
    }

    private void Go(bool isUrgent)
    {
        if (isUrgent || places.Count >= options.FlushAt || options.Window <= TimeSpan.Zero)
            FlushAll();
        else if (places.Count > 0 && !isWaiting)
            isWaiting = window.Change(options.Window, Timeout.InfiniteTimeSpan);
    }

    private void WindowOver()
    {
        lock (gate)
            FlushAll();
    }

    private void FlushAll()
    {
        isWaiting = false;
        var actions = Flush.Of(cancels, places, parts.Assets);
        var strangers = places.Where(o => !parts.Assets.TryFind(o.Instrument, out _)).ToImmutableArray();
        cancels.Clear();
        places.Clear();
        Refuse(strangers, "its instrument is not traded here");
        foreach (var action in actions)
        {
            if (action.Class == ActionClass.Cancels)
                Send(action, null);
            else
                Place(action);
        }
    }

    private void Place(FlushAction action)
    {
        var isKnown = parts.Venue.TryNow(out var venue, out var error);
        var why = parts.Venue.Refusal() ?? parts.Budget.Refusal() ?? Forbids();
        var opening = action.Orders.Where(parts.Assets.Opens).ToImmutableArray();
        if (why is not null)
            Refuse(opening, why);
        var late = why is null
            ? opening.Where(o => !o.Expires.IsNone && o.Expires.Ns <= venue.Ns).ToImmutableArray()
            : [];
        Refuse(late, "its time is over at the venue");
        var left = action.Orders.RemoveRange(why is null ? late : opening);
        if (left.IsEmpty)
            return;
        var expiry =
            why is null && left.Any(parts.Assets.Opens)
                ? Expiry.OfOpening(left, venue, options.Ttl)
                : Expiry.OfReducing(left, isKnown ? venue + error : null);
        Send(action with { Orders = left }, expiry);
    }

    private void Send(FlushAction action, ulong? expiresAfter)
    {
        var body = new ArrayBufferWriter<byte>(512);
        if (isOver)
        {
            NotSent(action, "the gateway is over");
            return;
        }

        if (!parts.Nonces.TryNext(out var nonce, out var trouble))
        {
            NotSent(action, trouble);
            return;
        }

        var why = parts.Key.TrySign(Signed(action), nonce, expiresAfter, body);
        if (why is not null && action.Orders.Any(parts.Assets.Opens))
        {
            // The key's caps are for what opens: what reduces goes without it. Nothing was signed with the nonce yet.
            Refuse([.. action.Orders.Where(parts.Assets.Opens)], why);
            action = action with { Orders = [.. action.Orders.Where(o => !parts.Assets.Opens(o))] };
            if (action.Count == 0)
                return;
            why = parts.Key.TrySign(Signed(action), nonce, expiresAfter, body);
        }

        if (why is not null)
        {
            NotSent(action, why);
            return;
        }

        parts.Budget.Spend(action.Count);
        if (action.Orders.Any(parts.Assets.Opens))
            lastRefusal = null;
        Interlocked.Increment(ref inFlight);
        _ = Carry(action, nonce, body.WrittenMemory);
    }

    private TradingAction Signed(FlushAction action)
    {
        if (action.Class == ActionClass.Cancels)
            return new TradingAction.CancelByCloid([
                .. action.Cancels.Select(c => new CancelByCloidRequest(AssetOf(c.Instrument), c.Cloid)),
            ]);
        return new TradingAction.Place([
            .. action.Orders.Select(o => new OrderRequest(
                AssetOf(o.Instrument),
                o.Side,
                o.Px,
                o.Sz,
                o.Tif,
                o.ReduceOnly,
                o.Cloid,
                o.Trigger
            )),
        ]);
    }

    private int AssetOf(InstrumentId id) => parts.Assets.TryFind(id, out var asset) ? asset.Asset : -1;

    private async Task Carry(FlushAction action, ulong nonce, ReadOnlyMemory<byte> body)
    {
        try
        {
            var isExit = action.Class == ActionClass.Cancels || action.Orders.Any(o => !parts.Assets.Opens(o));
            var reply = await Deliver(body, action.Count, isExit).ConfigureAwait(false);
            Told(action, reply);
            if (reply.Outcome == RestOutcome.Unknown && action.Class != ActionClass.Cancels)
                await TakeNonce(action, nonce).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    // Only what is certain is told: everything else is the business of the questions by our number.
    private async Task TakeNonce(FlushAction action, ulong nonce)
    {
        if (stop.IsCancellationRequested || parts.Budget.Refusal() is not null)
            return;
        var body = new ArrayBufferWriter<byte>(256);
        if (parts.Key.TrySign(new TradingAction.Noop(), nonce, null, body) is not null)
            return;
        parts.Budget.Spend(1);
        if (!NonceProof.IsNeverToRun(await Deliver(body.WrittenMemory, 1, isExit: true).ConfigureAwait(false)))
            return;
        var events = new EventBatch();
        foreach (var order in action.Orders)
            parts.Feed.Answered(order.Instrument, order.Cloid, Answer.NewRefused(NonceProof.Status), default, events);
        Tell(events);
        Said?.Invoke($"{Name(action)} can never run: a noop took their nonce");
    }

    private async Task<RestReply> Deliver(ReadOnlyMemory<byte> body, int count, bool isExit)
    {
        try
        {
            if (parts.Socket is { IsLive: true } socket)
            {
                var reply = await socket.SendAsync(body, stop.Token).ConfigureAwait(false);
                // Not a byte left: what leaves the market may go the other way at once. What opens is the core's to decide anew.
                if (reply.Outcome != RestOutcome.NotTaken || !isExit)
                    return reply;
            }

            return await parts.Rest.ActAsync(body, count, isExit, stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever broke on the way: it may have left.
            return new RestReply(RestOutcome.Unknown, default, e.Message);
        }
    }

    private void Told(FlushAction action, RestReply reply)
    {
        var said = ActionAnswers.Read(reply);
        var events = new EventBatch();
        for (var i = 0; i < action.Count; i++)
        {
            var (id, cloid) =
                action.Class == ActionClass.Cancels
                    ? (action.Cancels[i].Instrument, action.Cancels[i].Cloid)
                    : (action.Orders[i].Instrument, action.Orders[i].Cloid);
            parts.Feed.Answered(id, cloid, ActionAnswers.Of(action, i, reply, said), default, events);
        }

        Tell(events);
        if (reply.Outcome != RestOutcome.Answered)
            Said?.Invoke($"{Name(action)}: {reply.Why}");
        else if (said is ExchangeReply.Failed failed)
            Said?.Invoke($"{Name(action)}: the venue refused it: {VenueWords.Of(failed.Text)}");
        else if (said is null)
            Said?.Invoke($"{Name(action)}: the venue's answer could not be read");
    }

    private static string Name(FlushAction action) =>
        action.Class == ActionClass.Cancels ? $"{action.Count} cancels" : $"{action.Count} orders";

    private void NotSent(FlushAction action, string why)
    {
        Said?.Invoke($"{Name(action)} not sent: {why}");
        if (action.Class != ActionClass.Cancels)
        {
            Refuse(action.Orders, why, isSaid: false);
            return;
        }

        local.Clear();
        foreach (var cancel in action.Cancels)
            parts.Feed.Answered(
                cancel.Instrument,
                cancel.Cloid,
                Answer.NewCancelRefused(RefusalWords.NotSent(why)),
                default,
                local
            );
        Tell(local);
    }

    private void Refuse(ImmutableArray<NewOrder> orders, string why, bool isSaid = true)
    {
        if (orders.IsEmpty)
            return;
        local.Clear();
        foreach (var order in orders)
            parts.Feed.Answered(
                order.Instrument,
                order.Cloid,
                Answer.NewRefused(RefusalWords.NotSent(why)),
                default,
                local
            );
        Tell(local);
        // The core tries again and again: a reason is told when it is another one.
        if (isSaid && why != lastRefusal)
            Said?.Invoke($"{orders.Length} orders not sent: {why}");
        lastRefusal = why;
    }

    private void Tell(EventBatch events)
    {
        if (events.Events.Length > 0 && !parts.Sink.Take(events.Events, parts.Clock.Now))
            Said?.Invoke("the run takes no more events: an answer of the venue was not told");
    }
}
