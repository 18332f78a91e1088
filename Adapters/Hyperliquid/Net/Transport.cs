namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>Makes connections of a WebSocket. What stands behind it may be replaced; decoders never see it.</summary>
public interface ITransport
{
    /// <summary>
    /// Begins to connect and returns at once. <paramref name="listener"/> hears of this connection alone, from any thread, never
    /// from two at once and never within this call: opened, frames, and at the end, or instead of all of it, closed. After
    /// <see cref="IDisposable.Dispose"/> a late word may still come.
    /// </summary>
    ILink Begin(Uri where, ILinkListener listener);
}

/// <summary>One connection. Disposing it ends it without waiting for the other side.</summary>
public interface ILink : IDisposable
{
    /// <summary>
    /// Hands a text frame, UTF-8, to the connection, copying it. False: it is certainly not sent. True says nothing of its arrival.
    /// </summary>
    bool TrySend(ReadOnlySpan<byte> text);
}

/// <summary>Who hears of one connection.</summary>
public interface ILinkListener
{
    /// <summary>It stands.</summary>
    void Opened();

    /// <summary>A whole frame; its bytes are another's after the call.</summary>
    void Heard(ReadOnlyMemory<byte> frame);

    /// <summary>It is over, or never came about; the reason is a sentence for people.</summary>
    void Closed(string why);
}
