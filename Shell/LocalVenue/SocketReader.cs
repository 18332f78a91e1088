using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What a connection sends: read frame by frame, answered by the frames of protocol 6.1 and 6.2.</summary>
internal sealed class SocketReader(
    WebSocket web,
    VenueSocket socket,
    ISubscribers publisher,
    PostReply post,
    Wiring wiring,
    TimeProvider clock
)
{
    /// <summary>Within it a message must be there whole.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MostFrame = 1 << 20;

    /// <summary>Of one connection, where no limits are asked for.</summary>
    private const int MostPosts = 10_000;

    private int posts;

    /// <summary>Reads until the connection ends.</summary>
    public async Task Run(CancellationToken stop)
    {
        var buffer = new byte[16_384];
        using var frame = new MemoryStream();
        await using var late = clock.CreateTimer(
            _ => socket.Close("a message took too long", WebSocketCloseStatus.PolicyViolation),
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        var isWithin = false;
        try
        {
            while (true)
            {
                var part = await web.ReceiveAsync(buffer.AsMemory(), stop).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                // Who is closed is read on, since he may answer the farewell, and not listened to.
                if (socket.Reason is not null)
                    continue;
                frame.Write(buffer, 0, part.Count);
                if (frame.Length > MostFrame)
                {
                    socket.Close("a frame is too long", WebSocketCloseStatus.MessageTooBig);
                    continue;
                }

                if (part.EndOfMessage == isWithin)
                    late.Change(isWithin ? Timeout.InfiniteTimeSpan : Patience, Timeout.InfiniteTimeSpan);
                isWithin = !part.EndOfMessage;
                if (isWithin)
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
        wiring.Recorder?.Heard(socket.Number, frame);
        if (socket.IsSilent)
            return;
        if (wiring.Limits?.TryMessage() == false)
        {
            socket.Close("too many messages within a minute", WebSocketCloseStatus.PolicyViolation);
            return;
        }

        // A frame of bytes may hold what is no text, which JSON passes on until somebody looks at it.
        if (!Utf8.IsValid(frame))
        {
            Refuse(frame);
            return;
        }

        try
        {
            using var read = JsonDocument.Parse(frame, VenueDesk.Depth);
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
        if (!TryBegin())
        {
            socket.Send(Frames.Error($"too many pending post requests id={id}"));
            return true;
        }

        _ = Answer(id, type, payload.Clone());
        return true;
    }

    private bool TryBegin()
    {
        if (wiring.Limits is { } limits)
            return limits.TryPost();
        if (Interlocked.Increment(ref posts) <= MostPosts)
            return true;
        Interlocked.Decrement(ref posts);
        return false;
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
            if (wiring.Limits is { } limits)
                limits.EndPost();
            else
                Interlocked.Decrement(ref posts);
        }
    }

    private void Refuse(byte[] frame)
    {
        var text = Encoding.UTF8.GetString(frame, 0, Math.Min(frame.Length, 4_096));
        socket.Send(Frames.Error("Error parsing JSON into valid websocket request: " + text));
    }
}
