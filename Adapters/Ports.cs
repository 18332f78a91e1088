using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Core;

namespace Vrlg.Adapters;

/// <summary>Where events of the world go: the run's inbox. Safe from any thread; the events of one call stay together.</summary>
public interface IEventSink
{
    /// <summary>
    /// Takes the events of one message, copying them. <paramref name="receivedAt"/>: when its last byte was here, by the run's clock.
    /// False when the run takes no more (it is over, or there is no room for news of an account): whoever feeds it stops.
    /// </summary>
    bool Take(ReadOnlySpan<Event> events, Instant receivedAt);
}

/// <summary>Who learns what time it is at the venue: told of every block time that a message states.</summary>
public interface IVenueTimes
{
    /// <summary>A message that was received just now states this block time, ms since the Unix epoch.</summary>
    void Heard(long venueMs);
}

/// <summary>A way of signed actions to the venue beside REST.</summary>
public interface IActionPath
{
    /// <summary>Connected and speaking: an action may be sent this way.</summary>
    bool IsLive { get; }

    /// <summary>
    /// Sends a signed request body once. The answer's body is what REST would have answered. <see cref="RestOutcome.NotTaken"/> only when
    /// no byte of it left; a connection that breaks afterwards, and no answer in time, is <see cref="RestOutcome.Unknown"/>.
    /// </summary>
    Task<RestReply> SendAsync(ReadOnlyMemory<byte> body, CancellationToken stop);
}
