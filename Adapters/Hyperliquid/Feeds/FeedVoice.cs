using Microsoft.FSharp.Core;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>
/// What a feed tells the run: events with their instant of arrival, block times, losses and returns. Called under the feed's lock.
/// </summary>
internal sealed class FeedVoice(FeedOptions options, IEventSink sink, IVenueTimes times, TimeProvider clock)
{
    private readonly LossBook losses = new();
    private readonly Event[] one = new Event[1];

    /// <summary>The run takes not even what concerns its account.</summary>
    public event Action? Refused;

    /// <summary>When the frame that is being read was whole here; null between frames: then it is now.</summary>
    public DateTimeOffset? Arrival { get; set; }

    /// <summary>Whether the run was told that a channel is lost, and not yet that it is back.</summary>
    public bool IsLost(Channel channel, FeedCoin? coin) => losses.IsLost(channel, IdOf(coin));

    /// <summary>The events of one message.</summary>
    public void Tell(ReadOnlySpan<Event> events)
    {
        if (events.Length > 0 && !sink.Take(events, Now) && events[0].Rare.IsSome)
            Refused?.Invoke();
    }

    /// <summary>One event.</summary>
    public void Tell(in Event single)
    {
        one[0] = single;
        Tell(one);
    }

    /// <summary>The latest block time among events that were received just now.</summary>
    public void Heard(ReadOnlySpan<Event> events)
    {
        var latest = 0L;
        foreach (ref readonly var each in events)
            latest = Math.Max(latest, each.VenueAt.Ns);
        if (latest > 0)
            times.Heard(latest / 1_000_000);
    }

    /// <summary>A cause of loss holds: told when it is the first.</summary>
    public void Lost(PlannedChannel channel, LossCause cause)
    {
        if (losses.Lost(channel.Channel, IdOf(channel.Coin), cause) == LossWord.Lost)
            Tell(Event.FeedLost(options.Venue, channel.Channel, Named(channel.Coin)));
    }

    /// <summary>A cause of loss is over. True when the run was told that the channel is back.</summary>
    public bool Back(PlannedChannel channel, LossCause cause)
    {
        if (losses.Back(channel.Channel, IdOf(channel.Coin), cause) != LossWord.Back)
            return false;
        Tell(Event.FeedBack(options.Venue, channel.Channel, Named(channel.Coin)));
        return true;
    }

    /// <summary>The connection to the venue lives.</summary>
    public void Alive() => Tell(Event.Alive(options.Venue));

    private Instant Now => Instant.Of(((Arrival ?? clock.GetUtcNow()) - DateTimeOffset.UnixEpoch).Ticks * 100);

    private static InstrumentId IdOf(FeedCoin? coin) => coin?.Id ?? InstrumentId.Of(-1);

    private static FSharpValueOption<InstrumentId> Named(FeedCoin? coin) =>
        coin is null ? FSharpValueOption<InstrumentId>.None : FSharpValueOption<InstrumentId>.Some(coin.Id);
}
