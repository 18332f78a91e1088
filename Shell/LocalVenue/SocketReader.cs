using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What a connection sends: read frame by frame, answered by the frames of protocol 6.1 and 6.2.</summary>
internal sealed class SocketReader(WebSocket web, VenueSocket socket, ISubscribers publisher, PostReply post)
{
    private const int MostFrame = 1 << 20;
    private const int MostPosts = 100;
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 32 };

    private int posts;

    /// <summary>Reads until the connection ends.</summary>
    public async Task Run(CancellationToken stop)
    {
        var buffer = new byte[16_384];
        using var frame = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await web.ReceiveAsync(buffer.AsMemory(), stop).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                frame.Write(buffer, 0, part.Count);
                if (frame.Length > MostFrame)
                {
                    socket.Close("a frame is too long");
                    return;
                }

                if (!part.EndOfMessage)
                    continue;
                Take(frame.ToArray());
                frame.SetLength(0);
            }
        }
        catch (WebSocketException)
        {
            // The other end is gone.
        }
        catch (OperationCanceledException)
        {
            // The venue ends.
        }
    }

    private void Take(byte[] frame)
    {
        try
        {
            using var read = JsonDocument.Parse(frame, Depth);
            if (!TryTake(read.RootElement))
                Refuse(frame);
        }
        catch (JsonException)
        {
            Refuse(frame);
        }
    }

    private bool TryTake(JsonElement root)
    {
        if (!Asked.TryText(root, "method", out var method))
            return false;
        switch (method)
        {
            case "ping":
                socket.Send(Frames.Pong);
                return true;
            case "subscribe" when root.TryGetProperty("subscription", out var s) && s.ValueKind == JsonValueKind.Object:
                publisher.Subscribe(socket, s);
                return true;
            case "unsubscribe"
                when root.TryGetProperty("subscription", out var s) && s.ValueKind == JsonValueKind.Object:
                publisher.Unsubscribe(socket, s);
                return true;
            case "post":
                return TryPost(root);
            default:
                return false;
        }
    }

    private bool TryPost(JsonElement root)
    {
        if (
            !Asked.TryWhole(root, "id", out var id)
            || !root.TryGetProperty("request", out var request)
            || !Asked.TryText(request, "type", out var type)
            || type is not ("action" or "info")
            || !request.TryGetProperty("payload", out var payload)
        )
            return false;
        if (Interlocked.Increment(ref posts) > MostPosts)
        {
            Interlocked.Decrement(ref posts);
            socket.Send(Frames.Error($"too many pending post requests id={id}"));
            return true;
        }

        _ = Answer(id, type, payload.Clone());
        return true;
    }

    private async Task Answer(long id, string type, JsonElement payload)
    {
        try
        {
            var answer = await post(type == "action", payload).ConfigureAwait(false);
            socket.Send(Frames.Posted(id, type, payload, answer));
        }
        finally
        {
            Interlocked.Decrement(ref posts);
        }
    }

    private void Refuse(byte[] frame)
    {
        var text = Encoding.UTF8.GetString(frame, 0, Math.Min(frame.Length, 4_096));
        socket.Send(Frames.Error("Error parsing JSON into valid websocket request: " + text));
    }
}
