using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>
/// The account's connection: answers about orders, fills, funding, and the requests that go the same way. Nothing is replayed after a
/// break, so it is back only when every channel is acknowledged, its snapshots are here, and the account was looked at.
/// </summary>
internal sealed class AccountStream : ILinkUser
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly FeedVoice voice;
    private readonly Lock gate;
    private readonly Action<string> say;
    private readonly TimeProvider clock;
    private readonly TimeSpan lookPause;
    private readonly AccountLook look;
    private readonly FillMark mark;
    private readonly AccountFrames frames;
    private readonly AccountCodec codec;
    private readonly FundingFeed fundings;
    private readonly AccountNews news = new();
    private readonly EventBatch batch = new();
    private readonly PlannedChannel plan = new(Channel.Account, null, LossCause.Feed);
    private readonly HashSet<string> snapshots = new(StringComparer.Ordinal);
    private readonly HashSet<string> back = new(StringComparer.Ordinal);
    private readonly CancellationToken stop;
    private readonly int channels;
    private long connection;
    private long strangeFees;

    public AccountStream(
        FeedOptions options,
        FeedMeans means,
        LinkMeans linkMeans,
        Lock gate,
        FeedVoice voice,
        Action<string> say,
        CancellationToken stop
    )
    {
        this.voice = voice;
        this.gate = gate;
        this.say = say;
        this.stop = stop;
        clock = means.Clock;
        lookPause = means.LookPause;
        var user = options.User!.Value;
        var coins = new AccountCoins(user, options.Coins.Select(c => new AccountCoin(c.Coin, c.Id, c.BaseToken)));
        frames = new AccountFrames(coins);
        codec = new AccountCodec(coins);
        Feed = new AccountFeed(options.Account, options.Run);
        fundings = new FundingFeed(options.Account, coins, options.From);
        look = new AccountLook(means.Rest, user, options.Account, options.Coins);
        mark = new FillMark(options.From, means.Clock);
        var planned = FeedPlan.Account(user.ToString());
        channels = planned.Length;
        Link = new FeedLink(
            "account",
            options.Network.Socket,
            means.Rules,
            [.. planned.Select(p => p.Link)],
            linkMeans,
            gate,
            this
        );
        Posts = new SocketPosts(Link, gate, means.Limits, means.Budget, clock, means.PostTimeout);
    }

    public FeedLink Link { get; }

    public SocketPosts Posts { get; }

    public AccountFeed Feed { get; }

    /// <summary>Every channel is told and the account was looked at since the connection was made.</summary>
    public bool IsBack { get; private set; }

    /// <summary>Looks at the account and tells what it found; null, or why not.</summary>
    public async Task<string?> LookAsync(CancellationToken given)
    {
        long from;
        lock (gate)
            from = mark.AskFromMs;
        var (sight, why) = await look.TakeAsync(from, given).ConfigureAwait(false);
        if (sight is null)
            return why;
        lock (gate)
            return Tell(sight, isReturn: false);
    }

    public bool Read(ReadOnlyMemory<byte> frame)
    {
        var channel = ChannelOf(frame.Span);
        if (channel is null)
            return false;
        if (frames.Read(frame.Span, news) == FrameOutcome.Other)
        {
            if (codec.Read(frame, news, out var error) == FrameOutcome.Other)
            {
                // Funding is the connection's to read; what it could not is a look's, like all else about the account.
                if (error is null && Streams.TryRead(frame, out _, out error))
                    return false;
                Miss(error!);
                return true;
            }
        }

        Feed.Take(news, batch);
        if (Feed.StrangeFees > strangeFees)
            say($"account: a fee was taken in {Feed.LastStrangeFee}, whose value is not known: it counts as 0");
        strangeFees = Feed.StrangeFees;
        if (!news.IsForeign)
            Hear(channel, news.IsSnapshot);
        mark.Heard(news.Fills);
        // A snapshot is of the past: it says nothing of the venue's clock.
        if (!news.IsSnapshot)
            voice.Heard(batch.Events);
        voice.Tell(batch.Events);
        return true;
    }

    public void Take(StreamMessage message)
    {
        if (message is not (StreamMessage.Funded or StreamMessage.UserMoved))
            return;
        if (!fundings.Take(message, batch, out var error))
        {
            Miss(error!);
            return;
        }

        if (message is StreamMessage.Funded funded)
            Hear("userFundings", funded.IsSnapshot);
        else
            Hear("userEvents", isSnapshot: false);
        voice.Tell(batch.Events);
    }

    public void Answered(PostReply reply) => Posts.Answered(reply);

    public void TurnedAway(long id) => Posts.TurnedAway(id);

    public void Lived() { }

    public void Lost(string? channel, string why)
    {
        say($"account: {channel ?? "everything"} is lost: {why}");
        if (channel is null)
            back.Clear();
        else
            back.Remove(channel);
        IsBack = false;
        connection++;
        voice.Lost(plan, plan.Cause);
    }

    public void Back(string channel)
    {
        back.Add(channel);
        if (back.Count == channels)
            BeginReturn(TimeSpan.Zero);
    }

    public void Down(string why)
    {
        snapshots.Clear();
        back.Clear();
        IsBack = false;
        connection++;
        Posts.Lost(why);
        voice.Lost(plan, plan.Cause);
    }

    public void Ticked() => Posts.Ticked();

    public void Arrived(DateTimeOffset? at) => voice.Arrival = at;

    public void Say(string sentence) => say(sentence);

    // A message that could not be read may have been about an order of ours: only a look tells what it was.
    private void Miss(WireError error)
    {
        Link.Misread(error);
        if (back.Count < channels)
            return;
        IsBack = false;
        voice.Lost(plan, plan.Cause);
        BeginReturn(lookPause);
    }

    private void BeginReturn(TimeSpan wait)
    {
        var mine = ++connection;
        _ = Task.Run(() => Return(mine, wait), CancellationToken.None);
    }

    // The account is subscribed to: from now on nothing is missed, and what was missed before is in a look that begins now.
    private async Task Return(long mine, TimeSpan wait)
    {
        try
        {
            for (
                ;
                ;
                wait =
                        wait < lookPause ? lookPause
                        : wait < LongestPause ? wait * 2
                        : wait
            )
            {
                await Task.Delay(wait, clock, stop).ConfigureAwait(false);
                long from;
                lock (gate)
                {
                    if (mine != connection)
                        return;
                    from = mark.AskFromMs;
                }

                var (sight, why) = await look.TakeAsync(from, stop).ConfigureAwait(false);
                lock (gate)
                {
                    if (mine != connection)
                        return;
                    var trouble = sight is null ? why : Tell(sight, isReturn: true);
                    if (trouble is null)
                        return;
                    say($"account: it could not be looked at: {trouble}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The feed ends.
        }
    }

    // Fills first, then the return, then the picture: the core asks for a look after a return, and this one is newer than it.
    private string? Tell(AccountSight sight, bool isReturn)
    {
        if (!codec.Read(sight.Fills, news, out var error))
        {
            Link.Misread(error!);
            return error!.ToString();
        }

        Feed.Take(news, batch);
        if (Feed.StrangeFees > strangeFees)
            say($"account: a fee was taken in {Feed.LastStrangeFee}, whose value is not known: it counts as 0");
        strangeFees = Feed.StrangeFees;
        mark.Heard(news.Fills);
        mark.Looked(sight.At);
        voice.Tell(batch.Events);
        if (isReturn)
        {
            IsBack = true;
            voice.Back(plan, plan.Cause);
        }

        voice.Tell(Event.Of(RareEvent.NewAccountSeen(sight.Facts), sight.At));
        return null;
    }

    // Before its snapshot a channel that begins with one has not begun.
    private void Hear(string channel, bool isSnapshot)
    {
        var begins = channel is "userFills" or "userFundings";
        if (begins && isSnapshot)
            snapshots.Add(channel);
        if (!begins || snapshots.Contains(channel))
            Link.Heard(channel);
    }

    // The name that the feed's machine knows: the channel of userEvents is called user.
    private static string? ChannelOf(ReadOnlySpan<byte> frame)
    {
        var json = new Utf8JsonReader(frame);
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isChannel = json.ValueTextEquals("channel"u8);
                if (!json.Read())
                    return null;
                if (!isChannel)
                    json.Skip();
                else if (json.TokenType != JsonTokenType.String)
                    return null;
                else
                    return json.ValueTextEquals("orderUpdates"u8) ? "orderUpdates"
                        : json.ValueTextEquals("userFills"u8) ? "userFills"
                        : json.ValueTextEquals("user"u8) ? "userEvents"
                        : json.ValueTextEquals("userFundings"u8) ? "userFundings"
                        : null;
            }
        }
        catch (JsonException)
        {
            // Another reader says what is wrong with it.
        }

        return null;
    }
}
