using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>
/// Keeps one connection to the venue: does what <see cref="FeedMachine"/> says, asks within <see cref="SocketLimits"/>, matches
/// acknowledgements and errors to subscriptions, and passes on the rest.
/// </summary>
internal sealed class FeedLink : IPostLink, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private readonly string name;
    private readonly Uri where;
    private readonly FeedRules rules;
    private readonly ImmutableArray<LinkChannel> channels;
    private readonly ITransport transport;
    private readonly SocketLimits limits;
    private readonly TimeProvider clock;
    private readonly Func<double> draw;
    private readonly Lock gate;
    private readonly ILinkUser user;
    private readonly long start;
    private readonly Queue<int> toAsk = new();
    private readonly List<int> asked = [];
    private FeedState state;
    private ILink? link;
    private ConnectionPlace? place;
    private ITimer? timer;
    private string lastWord = "";
    private bool isOver;
    private bool isHeard;

    /// <summary>A link that does nothing before <see cref="Start"/>.</summary>
    public FeedLink(
        string name,
        Uri where,
        FeedRules rules,
        ImmutableArray<LinkChannel> channels,
        LinkMeans means,
        Lock gate,
        ILinkUser user
    )
    {
        this.name = name;
        this.where = where;
        this.rules = rules with { Channels = [.. channels.Select(c => c.Channel)] };
        this.channels = channels;
        transport = means.Transport;
        limits = means.Limits;
        clock = means.Clock;
        draw = means.Draw;
        this.gate = gate;
        this.user = user;
        start = clock.GetTimestamp();
        state = FeedMachine.Start(this.rules, 0);
    }

    /// <summary>Every subscription stands, or is not to be had.</summary>
    public bool IsLive
    {
        get
        {
            lock (gate)
                return state.Phase == LinkPhase.Live && !isOver;
        }
    }

    /// <summary>Messages that no reader understood.</summary>
    public long Unread { get; private set; }

    /// <summary>Begins; from now on it connects, and connects again.</summary>
    public void Start()
    {
        lock (gate)
            timer ??= clock.CreateTimer(_ => Tick(), null, TimeSpan.Zero, Beat);
    }

    /// <summary>The measured beat of a channel in ms; what is taken for it until it is measured.</summary>
    public long BeatOf(string channel)
    {
        for (var i = 0; i < rules.Channels.Length; i++)
        {
            if (rules.Channels[i].Name == channel && state.Channels[i].Beat is var beat and > 0)
                return beat;
        }

        return rules.FirstBeat;
    }

    /// <summary>The frame that is being read was of this channel.</summary>
    public void Heard(string channel)
    {
        isHeard = true;
        Step(new FeedInput.Heard(state.Connection, channel));
    }

    /// <summary>Sends a text if connected and within the limits.</summary>
    public bool TrySend(ReadOnlySpan<byte> text, bool isUrgent)
    {
        lock (gate)
            return link is not null && limits.TryMessage(isUrgent) && link.TrySend(text);
    }

    /// <summary>Ends for good.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isOver)
                return;
            isOver = true;
            timer?.Dispose();
            Release("the feed ends");
        }
    }

    private void Tick()
    {
        lock (gate)
        {
            if (isOver)
                return;
            Step(new FeedInput.Ticked(draw()));
            AskOn();
            user.Ticked();
        }
    }

    private void Step(FeedInput input)
    {
        var now = (long)clock.GetElapsedTime(start).TotalMilliseconds;
        (state, var output) = FeedMachine.Step(rules, state, now, input);
        foreach (var each in output)
            Do(each);
    }

    private void Do(FeedOutput output)
    {
        switch (output)
        {
            case FeedOutput.Connect connect:
                Connect(connect.Connection);
                break;
            case FeedOutput.Drop drop:
                if (drop.Connection == state.Connection)
                    Release(drop.Why);
                break;
            case FeedOutput.Subscribe:
                for (var i = 0; i < channels.Length; i++)
                    toAsk.Enqueue(i);
                AskOn();
                break;
            case FeedOutput.Ping:
                TrySend("{\"method\":\"ping\"}"u8, isUrgent: true);
                break;
            case FeedOutput.Lost lost:
                user.Lost(lost.Channel, lost.Channel is null && lastWord.Length > 0 ? lastWord : lost.Why);
                break;
            case FeedOutput.Back back:
                user.Back(back.Channel);
                break;
        }
    }

    private void Connect(long number)
    {
        lastWord = "";
        place = limits.TryConnect(out var why);
        if (place is null)
        {
            End(number, why);
            return;
        }

        var begun = transport.Begin(where, new Listener(this, number));
        // It may be over before it was known.
        if (state.Connection == number && state.Phase != LinkPhase.BackingOff)
            link = begun;
        else
            begun.Dispose();
    }

    private void End(long number, string why)
    {
        if (number != state.Connection || state.Phase == LinkPhase.BackingOff)
            return;
        Release(why);
        Step(new FeedInput.Closed(number, draw()));
    }

    private void Release(string why)
    {
        lastWord = why;
        toAsk.Clear();
        asked.Clear();
        place?.Dispose();
        place = null;
        link?.Dispose();
        link = null;
        user.Say($"{name}: {why}");
        user.Down(why);
    }

    private void AskOn()
    {
        while (place is not null && toAsk.TryPeek(out var i))
        {
            var channel = channels[i];
            if (!limits.TryMessage(isUrgent: false))
                return;
            toAsk.Dequeue();
            if (!place.TrySubscribe(channel.Asked.User, out var why))
            {
                Refuse(i, why);
                continue;
            }

            var frame = new ArrayBufferWriter<byte>(128);
            channel.Asked.Ask(frame);
            asked.Add(i);
            // What the transport does not take any more is heard of as its end.
            _ = link?.TrySend(frame.WrittenSpan);
        }
    }

    private void Refuse(int i, string why)
    {
        asked.Remove(i);
        user.Say($"{name}: {channels[i].Channel.Name} is not to be had: {why}");
        Step(new FeedInput.Refused(state.Connection, channels[i].Channel.Name, why));
    }

    private void Opened(long number)
    {
        lock (gate)
        {
            if (!isOver)
                Step(new FeedInput.Opened(number));
        }
    }

    private void Closed(long number, string why)
    {
        lock (gate)
        {
            if (!isOver)
                End(number, why);
        }
    }

    private void Frame(long number, ReadOnlyMemory<byte> frame)
    {
        var at = clock.GetUtcNow();
        lock (gate)
        {
            if (isOver || number != state.Connection || state.Phase is LinkPhase.BackingOff or LinkPhase.Connecting)
                return;
            user.Arrived(at);
            Read(number, frame);
            user.Arrived(null);
        }
    }

    private void Read(long number, ReadOnlyMemory<byte> frame)
    {
        isHeard = false;
        Pass(frame);
        // Whatever it was, the connection lives.
        if (!isHeard)
            Step(new FeedInput.Heard(number, null));
    }

    private void Pass(ReadOnlyMemory<byte> frame)
    {
        if (user.Read(frame))
            return;
        if (Streams.TryRead(frame, out var message, out var error))
            Own(message);
        else if (frame.Length > 0 && frame.Span[0] is (byte)'{' or (byte)'[')
            Misread(error);
    }

    /// <summary>A message that is not what the protocol says: counted, and the first ones said.</summary>
    public void Misread(WireError error)
    {
        if (++Unread <= 10)
            user.Say($"{name}: {error}");
    }

    private void Own(StreamMessage message)
    {
        switch (message)
        {
            case StreamMessage.Pong:
                user.Lived();
                break;
            case StreamMessage.Acknowledged { Method: "subscribe" } ack:
                Acknowledge(ack.Subscription);
                break;
            case StreamMessage.Acknowledged:
                break;
            case StreamMessage.Refused refused:
                Complain(VenueComplaint.Read(refused.Text));
                break;
            case StreamMessage.Posted posted:
                user.Answered(posted.Reply);
                break;
            default:
                user.Take(message);
                break;
        }
    }

    private void Complain(VenueComplaint complaint)
    {
        switch (complaint)
        {
            case VenueComplaint.Stands stands:
                Acknowledge(stands.Subscription);
                break;
            case VenueComplaint.Unwanted unwanted when Find(unwanted.Subscription) is { } i:
                Refuse(i, unwanted.Words);
                break;
            case VenueComplaint.TooManyUsers many
                when asked.FindIndex(i => channels[i].Asked.User is not null) is var at and >= 0:
                Refuse(asked[at], many.Words);
                break;
            case VenueComplaint.TooManyPosts posts:
                user.TurnedAway(posts.Id);
                break;
            default:
                user.Say($"{name}: the venue says: {complaint.Words}");
                break;
        }
    }

    private void Acknowledge(Subscription echo)
    {
        if (Find(echo) is not { } i)
            return;
        asked.Remove(i);
        Step(new FeedInput.Acknowledged(state.Connection, channels[i].Channel.Name));
    }

    // Of those that are still waited for: first one that agrees in full, for the venue may leave out that a book is a fast one.
    private int? Find(Subscription echo)
    {
        int? found = null;
        foreach (var i in asked)
        {
            if (!echo.Answers(channels[i].Asked))
                continue;
            if (echo.IsFast == channels[i].Asked.IsFast)
                return i;
            found ??= i;
        }

        return found;
    }

    private sealed class Listener(FeedLink owner, long number) : ILinkListener
    {
        public void Opened() => owner.Opened(number);

        public void Heard(ReadOnlyMemory<byte> frame) => owner.Frame(number, frame);

        public void Closed(string why) => owner.Closed(number, why);
    }
}
