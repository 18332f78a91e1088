using System.Buffers;
using System.Globalization;
using System.Text;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>A socket over which requests go.</summary>
internal interface IPostLink
{
    /// <summary>Every subscription stands.</summary>
    bool IsLive { get; }

    /// <summary>Sends a text; false: not a byte of it left.</summary>
    bool TrySend(ReadOnlySpan<byte> text, bool isUrgent);
}

/// <summary>
/// Actions and questions by <c>post</c> over a live socket, each sent once. What was sent and has no answer when its time is up, or
/// when the connection breaks, is <see cref="RestOutcome.Unknown"/>; answers that come late or twice are counted and change nothing.
/// </summary>
public sealed class SocketPosts : IActionPath
{
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(10);

    private readonly IPostLink link;
    private readonly Lock gate;
    private readonly SocketLimits limits;
    private readonly WeightBudget budget;
    private readonly TimeProvider clock;
    private readonly long start;
    private readonly TimeSpan timeout;
    private readonly PostTable table = new();
    private readonly Dictionary<long, Waiter> waiting = [];

    internal SocketPosts(
        IPostLink link,
        Lock gate,
        SocketLimits limits,
        WeightBudget budget,
        TimeProvider clock,
        TimeSpan timeout
    )
    {
        this.link = link;
        this.gate = gate;
        this.limits = limits;
        this.budget = budget;
        this.clock = clock;
        this.timeout = timeout;
        start = clock.GetTimestamp();
    }

    /// <inheritdoc/>
    public bool IsLive => link.IsLive;

    /// <summary>Answers that nobody waited for any more.</summary>
    public long Late => Counted(t => t.Late);

    /// <summary>Answers to a request that had one.</summary>
    public long Repeated => Counted(t => t.Repeated);

    /// <summary>Answers to nothing.</summary>
    public long Strange => Counted(t => t.Strange);

    /// <inheritdoc/>
    public Task<RestReply> SendAsync(ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        var cost = ActionCost.Of(body);
        return Post("action", null, Weights.OfAction(cost.Batch), cost.IsExit, body, stop);
    }

    /// <summary>Asks a question of type <paramref name="type"/> once; the answer's body is what REST would have answered.</summary>
    public Task<RestReply> AskAsync(string type, ReadOnlyMemory<byte> body, bool isExit, CancellationToken stop) =>
        Post("info", type, Weights.OfInfo(type), isExit, body, stop);

    /// <summary>An answer came over the present connection.</summary>
    internal void Answered(PostReply reply)
    {
        lock (gate)
        {
            var before = table.InFlight;
            var fate = table.Answer(reply.Id);
            limits.Answered(before - table.InFlight);
            if (reply.Kind == PostKind.Error && IsOverLimit(reply.Payload))
                budget.Refused(RefusedPause);
            if (fate == PostFate.Awaited && waiting.Remove(reply.Id, out var waiter))
                waiter.End(Read(reply, waiter));
        }
    }

    /// <summary>The venue turned a request away because too many wait.</summary>
    internal void TurnedAway(long id) =>
        Answered(new PostReply(id, PostKind.Error, null, "429 too many pending post requests"));

    /// <summary>The connection is gone.</summary>
    internal void Lost(string why)
    {
        lock (gate)
        {
            limits.Answered(table.InFlight);
            foreach (var id in table.Lost())
                End(id, RestOutcome.Unknown, $"no answer before the connection ended: {why}");
        }
    }

    /// <summary>Time went on.</summary>
    internal void Ticked()
    {
        lock (gate)
        {
            var before = table.InFlight;
            var overdue = table.Overdue(Now);
            limits.Answered(before - table.InFlight);
            foreach (var id in overdue)
                End(id, RestOutcome.Unknown, Invariant($"no answer within {timeout.TotalSeconds:0.#} s"));
        }
    }

    private long Now => (long)clock.GetElapsedTime(start).TotalMilliseconds;

    private long Counted(Func<PostTable, long> count)
    {
        lock (gate)
            return count(table);
    }

    private Task<RestReply> Post(
        string kind,
        string? type,
        int weight,
        bool isExit,
        ReadOnlyMemory<byte> body,
        CancellationToken stop
    )
    {
        lock (gate)
        {
            // Nothing leaves before each of these has said yes; what cannot be given back comes last.
            if (stop.IsCancellationRequested)
                return NotTaken("nobody waited for it to be sent");
            if (!link.IsLive)
                return NotTaken("the socket is not connected");
            if (!limits.TryPost())
                return NotTaken("as many requests wait for answers as the venue allows");
            if (
                !(type is null ? budget.TryTake(weight, isExit, out var wait) : budget.TryAsk(weight, isExit, out wait))
            )
            {
                limits.Answered(1);
                return NotTaken(
                    Invariant($"the venue's allowance is spent; it is free again in {wait.TotalSeconds:0.0} s")
                );
            }

            var waiter = new Waiter(type);
            var id = table.Open(Now + (long)timeout.TotalMilliseconds);
            if (!link.TrySend(Frame(id, kind, body), isUrgent: true))
            {
                table.Unsent(id);
                limits.Answered(1);
                return NotTaken("the socket took no more");
            }

            waiting.Add(id, waiter);
            if (stop.CanBeCanceled)
                waiter.Stop = stop.UnsafeRegister(_ => GiveUp(id), null);
            return waiter.Task;
        }
    }

    private void GiveUp(long id)
    {
        lock (gate)
        {
            table.Abandon(id, Now);
            End(id, RestOutcome.Unknown, "nobody waited for the answer");
        }
    }

    private void End(long id, RestOutcome outcome, string why)
    {
        if (waiting.Remove(id, out var waiter))
            waiter.End(new RestReply(outcome, default, why));
    }

    private RestReply Read(PostReply reply, Waiter waiter)
    {
        var wanted = waiter.Type is null ? PostKind.Action : PostKind.Info;
        if (reply.Kind == wanted)
        {
            var body = Encoding.UTF8.GetBytes(reply.Payload);
            if (waiter.Type is { } type)
                budget.Add(Weights.OfAnswer(type, body));
            return new RestReply(RestOutcome.Answered, body, "");
        }

        if (reply.Kind != PostKind.Error)
            return new RestReply(RestOutcome.Unknown, default, "the answer is one to another kind of request");
        var text = VenueWords.Of(reply.Payload);
        // As over REST: what was turned away with 4xx never reached the engine.
        return new RestReply(
            IsTurnedAway(text) ? RestOutcome.NotTaken : RestOutcome.Unknown,
            default,
            $"the venue answered {text}"
        );
    }

    private static bool IsTurnedAway(string text) =>
        text.Length >= 3
        && text[0] == '4'
        && char.IsAsciiDigit(text[1])
        && char.IsAsciiDigit(text[2])
        && (text.Length == 3 || !char.IsAsciiLetterOrDigit(text[3]));

    private static bool IsOverLimit(string text) =>
        IsTurnedAway(text) && text.StartsWith("429", StringComparison.Ordinal);

    private static byte[] Frame(long id, string kind, ReadOnlyMemory<byte> body)
    {
        var into = new ArrayBufferWriter<byte>(body.Length + 100);
        var head =
            $"{{\"method\":\"post\",\"id\":{id.ToString(CultureInfo.InvariantCulture)},\"request\":{{\"type\":\"{kind}\",\"payload\":";
        into.Write(Encoding.UTF8.GetBytes(head));
        into.Write(body.Span);
        into.Write("}}"u8);
        return into.WrittenSpan.ToArray();
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static Task<RestReply> NotTaken(string why) =>
        Task.FromResult(new RestReply(RestOutcome.NotTaken, default, why));

    private sealed class Waiter(string? type)
    {
        // Whoever waits goes on elsewhere: not under the socket's lock.
        private readonly TaskCompletionSource<RestReply> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string? Type => type;

        public CancellationTokenRegistration Stop { get; set; }

        public Task<RestReply> Task => done.Task;

        public void End(RestReply reply)
        {
            _ = Stop.Unregister();
            done.TrySetResult(reply);
        }
    }
}
