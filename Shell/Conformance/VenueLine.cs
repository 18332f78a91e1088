using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid;

namespace Vrlg.Shell.Conformance;

/// <summary>An answer of HTTP as it came.</summary>
internal sealed record Answer(int Status, string ContentType, byte[] Body)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>One venue, spoken to without anything between: no retry, no budget, and every status as it is.</summary>
internal sealed class VenueLine(Network network, TimeSpan patience) : IDisposable
{
    private const int MostFrame = 32 << 20;

    private readonly HttpClient http = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = patience }
    )
    {
        Timeout = patience,
    };

    private readonly ClientWebSocket web = new();
    private readonly byte[] buffer = new byte[65_536];

    /// <summary>Sends a body.</summary>
    /// <exception cref="HttpRequestException">The venue cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">It does not answer.</exception>
    public async Task<Answer> Post(string path, ReadOnlyMemory<byte> body, string contentType, CancellationToken stop)
    {
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        var where = new Uri(network.Rest.AbsoluteUri.TrimEnd('/') + path);
        using var reply = await http.PostAsync(where, content, stop).ConfigureAwait(false);
        var bytes = await reply.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        return new Answer((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType ?? "", bytes);
    }

    /// <summary>Opens the socket.</summary>
    /// <exception cref="WebSocketException">The venue does not take it.</exception>
    public Task Open(CancellationToken stop) => web.ConnectAsync(network.Socket, stop);

    /// <summary>Sends a frame.</summary>
    public Task Send(string frame, CancellationToken stop) =>
        web.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, stop);

    /// <summary>
    /// The frames that come until <paramref name="isLast"/>, with that one; without it when it did not come in time. What is no JSON
    /// (the greeting) is left out.
    /// </summary>
    public async Task<JsonDocument?> Until(Func<JsonElement, bool> isLast, CancellationToken stop)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(stop);
        soon.CancelAfter(patience);
        try
        {
            while (await Next(soon.Token).ConfigureAwait(false) is { } frame)
            {
                if (isLast(frame.RootElement))
                    return frame;
                frame.Dispose();
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // It did not come.
        }
        catch (WebSocketException)
        {
            // The venue closed the connection.
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        http.Dispose();
        web.Dispose();
    }

    private async Task<JsonDocument?> Next(CancellationToken stop)
    {
        while (true)
        {
            using var frame = new MemoryStream();
            WebSocketReceiveResult part;
            do
            {
                part = await web.ReceiveAsync(buffer, stop).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close || frame.Length > MostFrame)
                    return null;
                frame.Write(buffer, 0, part.Count);
            } while (!part.EndOfMessage);

            try
            {
                return JsonDocument.Parse(frame.ToArray());
            }
            catch (JsonException)
            {
                // The greeting.
            }
        }
    }
}
