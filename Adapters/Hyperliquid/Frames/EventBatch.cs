using System.Runtime.InteropServices;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>The events of one frame, in order; all but the last are marked as parts of a message. Reused from frame to frame.</summary>
public sealed class EventBatch
{
    private readonly List<Event> events = new(64);

    /// <summary>The events.</summary>
    public ReadOnlySpan<Event> Events => CollectionsMarshal.AsSpan(events);

    /// <summary>Adds one more: the one before it becomes a part.</summary>
    internal void Add(in Event next)
    {
        if (events.Count > 0)
            events[^1] = events[^1].AsPart();
        events.Add(next);
    }

    /// <summary>Forgets them.</summary>
    internal void Clear() => events.Clear();
}
