using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Who comes in over HTTP, and how each is answered (protocol 1.2).</summary>
internal sealed class VenueDoor(VenueDesk desk, Publisher publisher, Wiring wiring, TimeProvider clock)
{
    /// <summary>The bytes that the venue answers with when an address asked too much.</summary>
    private static readonly byte[] Nothing = "null"u8.ToArray();

    /// <summary>Serves one request.</summary>
    public async Task Serve(HttpContext context)
    {
        var request = context.Request;
        var reply = context.Response;
        // A page of another site must not reach this port, neither openly nor through a name that it bends to this machine.
        if (!IsHere(request.Host.Host) || !request.Headers.Origin.All(IsOurs))
        {
            reply.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        if (request.Path == "/ws")
        {
            await publisher.Serve(context, Post).ConfigureAwait(false);
            return;
        }

        reply.Headers.AccessControlAllowOrigin = "*";
        if (HttpMethods.IsOptions(request.Method))
        {
            reply.Headers.AccessControlAllowMethods = "POST";
            reply.Headers.AccessControlAllowHeaders = "content-type";
            return;
        }

        if (!HttpMethods.IsPost(request.Method) || request.Path.Value is not ("/info" or "/exchange" or "/explorer"))
        {
            reply.StatusCode = HttpMethods.IsPost(request.Method)
                ? StatusCodes.Status404NotFound
                : StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            await Say(context, default, 415, "Expected request with `Content-Type: application/json`")
                .ConfigureAwait(false);
            return;
        }

        if (await Body(context).ConfigureAwait(false) is { } body)
            await Answer(context, body).ConfigureAwait(false);
    }

    /// <summary>What a <c>post</c> over the socket is answered with.</summary>
    public async Task<PostAnswer> Post(bool isAction, JsonElement payload)
    {
        var path = isAction ? "/exchange" : "/info";
        if (wiring.Limits?.TrySpend(RequestWeight.Of(path, payload)) == false)
            return new PostAnswer(null, "429 Too Many Requests");
        var answer = await desk.Answer(path, payload).ConfigureAwait(false);
        if (answer is null)
            return new PostAnswer(null, "422 " + Asked.Unreadable);
        wiring.Limits?.Charge(RequestWeight.OfRows(path, payload, answer));
        return new PostAnswer(answer, null);
    }

    /// <summary>The whole body; null when it could not be read, which is answered then.</summary>
    private async Task<byte[]?> Body(HttpContext context)
    {
        try
        {
            using var whole = new MemoryStream();
            await context.Request.Body.CopyToAsync(whole, context.RequestAborted).ConfigureAwait(false);
            return whole.ToArray();
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            await Say(context, default, e.StatusCode, "The request could not be read").ConfigureAwait(false);
            return null;
        }
    }

    private async Task Answer(HttpContext context, byte[] body)
    {
        JsonDocument read;
        try
        {
            read = JsonDocument.Parse(body, VenueDesk.Depth);
        }
        catch (JsonException)
        {
            await Say(context, body, 400, "Failed to parse the request body as JSON").ConfigureAwait(false);
            return;
        }

        using (read)
            await Answer(context, body, read.RootElement).ConfigureAwait(false);
    }

    private async Task Answer(HttpContext context, byte[] body, JsonElement asked)
    {
        var path = context.Request.Path.Value!;
        var fault = wiring.Faults?.Strike(FaultPlace.Request, path[1..]);
        if (
            fault?.Kind == FaultKind.Http429
            || wiring.Limits?.TrySpend(Asked.IsReadable(asked) ? RequestWeight.Of(path, asked) : 1) == false
        )
        {
            await Send(context, body, 429, "application/json", Nothing).ConfigureAwait(false);
            return;
        }

        if (fault is { Kind: FaultKind.Http502, IsExecuted: false })
        {
            await BadGateway(context, body).ConfigureAwait(false);
            return;
        }

        var answer = await desk.Answer(path, asked).ConfigureAwait(false);
        if (answer is not null)
            wiring.Limits?.Charge(RequestWeight.OfRows(path, asked, answer));
        switch (fault?.Kind)
        {
            case FaultKind.Http502:
                await BadGateway(context, body).ConfigureAwait(false);
                return;
            case FaultKind.Drop:
                wiring.Recorder?.Answered(path, body, 200, answer ?? Nothing, isJson: true, isSent: false);
                context.Abort();
                return;
            case FaultKind.Delay:
                await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), clock, context.RequestAborted)
                    .ConfigureAwait(false);
                break;
        }

        if (answer is null)
            await Say(context, body, 422, Asked.Unreadable).ConfigureAwait(false);
        else
            await Send(context, body, 200, "application/json", answer).ConfigureAwait(false);
    }

    private Task BadGateway(HttpContext context, byte[] body) =>
        Send(context, body, 502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"u8.ToArray());

    private Task Say(HttpContext context, ReadOnlyMemory<byte> body, int status, string text) =>
        Send(context, body, status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    private async Task Send(HttpContext context, ReadOnlyMemory<byte> body, int status, string type, byte[] bytes)
    {
        var reply = context.Response;
        wiring.Recorder?.Answered(
            context.Request.Path.Value!,
            body,
            status,
            bytes,
            type == "application/json",
            isSent: true
        );
        reply.StatusCode = status;
        reply.ContentType = type;
        reply.ContentLength = bytes.Length;
        await reply.Body.WriteAsync(bytes).ConfigureAwait(false);
    }

    private static bool IsHere(string host) =>
        host is "127.0.0.1" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a page of this machine sent it.</summary>
    private static bool IsOurs(string? origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && (from.Scheme == Uri.UriSchemeHttp || from.Scheme == Uri.UriSchemeHttps)
        && from.UserInfo.Length == 0
        && IsHere(from.Host);
}
