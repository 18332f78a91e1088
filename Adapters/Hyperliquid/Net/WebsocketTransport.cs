using System.Net.WebSockets;
using Websocket.Client;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>
/// Connections by the package Websocket.Client: its own reconnection and its conversion to text are off; each connection is a client
/// of its own, and frames are read from its pooled streams. Compression is used when the venue offers it.
/// </summary>
/// <param name="connectTimeout">Longest time that connecting may take.</param>
public sealed class WebsocketTransport(TimeSpan connectTimeout) : ITransport
{
    /// <inheritdoc/>
    public ILink Begin(Uri where, ILinkListener listener)
    {
        var link = new PackageLink(where, connectTimeout, listener);
        _ = link.Run();
        return link;
    }

    private sealed class PackageLink : ILink
    {
        private readonly WebsocketClient client;
        private readonly ILinkListener listener;
        private readonly Lock gate = new();
        private bool isOpen;
        private bool isClosed;
        private int isDisposed;

        public PackageLink(Uri where, TimeSpan connectTimeout, ILinkListener listener)
        {
            this.listener = listener;
            client = new WebsocketClient(where, Make)
            {
                IsReconnectionEnabled = false,
                IsTextMessageConversionEnabled = false,
                // Or every frame is copied to an array of its own.
                IsStreamDisposedAutomatically = false,
                ConnectTimeout = connectTimeout,
            };
            client.MessageReceived.Subscribe(Receive);
            client.DisconnectionHappened.Subscribe(d => Close(WhyOf(d)));
        }

        public async Task Run()
        {
            // Never on the caller's thread: it may hold the lock that the listener takes.
            await Task.Yield();
            try
            {
                await client.StartOrFail().ConfigureAwait(false);
                Open();
            }
            catch (Exception e)
            {
                // Whatever keeps a connection from coming about is its end and nobody else's.
                Close(Innermost(e));
            }
        }

        public bool TrySend(ReadOnlySpan<byte> text)
        {
            lock (gate)
            {
                if (!isOpen || isClosed)
                    return false;
            }

            try
            {
                return client.SendAsText(text.ToArray());
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }

        public void Dispose()
        {
            lock (gate)
                isClosed = true;
            // A farewell waits for the other side, which may be dead.
            if (Interlocked.Exchange(ref isDisposed, 1) == 0)
                ThreadPool.UnsafeQueueUserWorkItem(static c => c.Abort(), this, preferLocal: false);
        }

        private void Abort()
        {
            try
            {
                client.NativeClient?.Abort();
                client.Dispose();
            }
            catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
            {
                // It is gone either way.
            }
        }

        private static ClientWebSocket Make()
        {
            var web = new ClientWebSocket();
            web.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
            // Liveness is the supervisor's: it knows what a silence means.
            web.Options.KeepAliveInterval = TimeSpan.Zero;
            return web;
        }

        private void Receive(ResponseMessage message)
        {
            using var stream = message.Stream;
            Open();
            lock (gate)
            {
                if (isClosed)
                    return;
            }

            if (stream is null)
                listener.Heard(message.Binary);
            else if (stream.TryGetBuffer(out var buffer))
                listener.Heard(buffer.AsMemory(0, (int)stream.Length));
            else
                listener.Heard(stream.ToArray());
        }

        // A frame may be read before the start returns.
        private void Open()
        {
            lock (gate)
            {
                if (isOpen || isClosed)
                    return;
                isOpen = true;
            }

            listener.Opened();
        }

        private void Close(string why)
        {
            lock (gate)
            {
                if (isClosed)
                    return;
                isClosed = true;
            }

            listener.Closed(why);
        }

        private static string WhyOf(DisconnectionInfo info) =>
            info.CloseStatus is { } status
                ? $"the venue closed the connection: {(int)status} {info.CloseStatusDescription}".TrimEnd()
            : info.Exception is { } e ? Innermost(e)
            : $"the connection ended: {info.Type}";

        private static string Innermost(Exception e)
        {
            while (e.InnerException is { } inner)
                e = inner;
            return e.Message;
        }
    }
}
