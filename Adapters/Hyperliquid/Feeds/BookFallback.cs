using System.Text;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>
/// Books over REST while their feed over the socket is down (D3-010), one question at a time in turn, within the allowance of
/// requests. The channel stays lost meanwhile: what is held can be valued and left, nothing opens on it.
/// </summary>
internal sealed class BookFallback(
    RestClient rest,
    Lock gate,
    FeedVoice voice,
    TimeProvider clock,
    TimeSpan pause,
    Action<string> say,
    CancellationToken stop
)
{
    private const int FullLimit = 20;

    private readonly Dictionary<string, Turn> down = new(StringComparer.Ordinal);
    private long turns;
    private bool isRunning;

    /// <summary>Books that were told.</summary>
    public long Told { get; private set; }

    /// <summary>A coin's book feed is down. Under the lock.</summary>
    public void Down(FeedCoin coin)
    {
        if (stop.IsCancellationRequested || !down.TryAdd(coin.Coin, new Turn(coin)) || isRunning)
            return;
        isRunning = true;
        _ = Task.Run(Run, CancellationToken.None);
    }

    /// <summary>It is back: an answer that is on its way is not told. Under the lock.</summary>
    public void Up(FeedCoin coin) => down.Remove(coin.Coin);

    private async Task Run()
    {
        try
        {
            while (Next() is { } turn)
            {
                await Ask(turn).ConfigureAwait(false);
                await Task.Delay(pause, clock, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The feed ends.
        }
    }

    private Turn? Next()
    {
        lock (gate)
        {
            var next = down.Values.MinBy(t => t.At);
            if (next is null)
                isRunning = false;
            else
                next.At = ++turns;
            return next;
        }
    }

    private async Task Ask(Turn turn)
    {
        var body = Encoding.UTF8.GetBytes($"{{\"type\":\"l2Book\",\"coin\":\"{turn.Coin.Coin}\"}}");
        var reply = await rest.AskAsync("l2Book", body, isExit: false, stop).ConfigureAwait(false);
        lock (gate)
        {
            // Another turn of the same coin may have begun since.
            if (!down.TryGetValue(turn.Coin.Coin, out var present) || !ReferenceEquals(present, turn))
                return;
            if (reply.Outcome != RestOutcome.Answered)
            {
                Complain(turn, reply.Why);
                return;
            }

            if (!Info.L2Book.TryDecode(reply.Body, out var answer, out var error))
            {
                Complain(turn, error.ToString());
                return;
            }

            if (answer.Book is not { } book || book.TimeMs <= turn.LastMs)
                return;
            turn.LastMs = book.TimeMs;
            Told++;
            var moved = Event.BookMoved(
                turn.Coin.Id,
                new Depth(FullLimit, [.. book.Bids.Select(LevelOf)], [.. book.Asks.Select(LevelOf)]),
                Instant.OfMs(book.TimeMs)
            );
            voice.Heard([moved]);
            voice.Tell(moved);
        }
    }

    private void Complain(Turn turn, string why)
    {
        if (turn.IsComplained)
            return;
        turn.IsComplained = true;
        say($"books over REST: {turn.Coin.Coin}: {why}");
    }

    private static PxSz LevelOf(Wire.Level level) => new(level.Px, level.Sz);

    private sealed class Turn(FeedCoin coin)
    {
        public FeedCoin Coin => coin;
        public long At { get; set; }
        public long LastMs { get; set; }
        public bool IsComplained { get; set; }
    }
}
