using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>How the local venue is opened.</summary>
/// <param name="Port">Where it listens; 0 takes a free one.</param>
/// <param name="IsMainnet">Whose signatures it takes.</param>
/// <param name="Config">How its market begins.</param>
/// <param name="StatePath">The log from which it goes on after a restart; null keeps nothing.</param>
public sealed record VenueOptions(int Port, bool IsMainnet, VenueConfig Config, string? StatePath = null);

/// <summary>The local venue did not open; the sentence says why.</summary>
public sealed class VenueException : Exception
{
    /// <summary>With no sentence.</summary>
    public VenueException() { }

    /// <summary>With a sentence.</summary>
    public VenueException(string message)
        : base(message) { }

    /// <summary>With a sentence and what caused it.</summary>
    public VenueException(string message, Exception inner)
        : base(message, inner) { }

    /// <summary>The port is taken, rather than something named by the caller wrong.</summary>
    public bool IsPortTaken { get; init; }
}

/// <summary>The local venue on loopback: <c>/info</c>, <c>/exchange</c>, <c>/explorer</c> and <c>/ws</c> on one port.</summary>
public sealed class VenueHost : IAsyncDisposable
{
    private const int MostBody = 1 << 20;
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 32 };

    private readonly WebApplication app;
    private readonly VenueRunner runner;
    private readonly Recovery recovery;
    private readonly InputLog? log;
    private readonly CancellationTokenSource stop = new();
    private readonly Publisher publisher;
    private Task running = Task.CompletedTask;

    private VenueHost(WebApplication app, VenueRunner runner, Recovery recovery, InputLog? log, TimeProvider clock)
    {
        this.app = app;
        this.runner = runner;
        this.recovery = recovery;
        this.log = log;
        publisher = new Publisher(runner, clock);
        runner.Sealed += (_, _) => Pauses.Block();
        publisher.Dropped += why => Said?.Invoke($"a connection was dropped: {why}");
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>Ends when the venue stopped closing blocks; with its fault if it broke.</summary>
    public Task Running => running;

    /// <summary>What the collector cost.</summary>
    public VenuePauses Pauses { get; } = new();

    /// <summary>Sentences for whoever watches, never with a signature in them.</summary>
    public event Action<string>? Said;

    /// <summary>Opens the venue and waits until it answers.</summary>
    /// <exception cref="VenueException">The port is taken, or the log cannot be gone on with.</exception>
    public static async Task<VenueHost> Open(VenueOptions options, TimeProvider clock)
    {
        InputLog? log = null;
        VenueState state;
        if (options.StatePath is { } path)
        {
            log = InputLog.Open(path, Head(options), options.Config, out state, out var trouble);
            if (log is null)
                throw new VenueException(trouble);
        }
        else
        {
            state = Engine.create(options.Config);
        }

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        // Signals belong to the program, not to the web server in it.
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, options.Port);
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = MostBody;
            k.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            k.Limits.MinRequestBodyDataRate = new MinDataRate(100, TimeSpan.FromSeconds(5));
        });
        var app = builder.Build();
        var recovery = new Recovery(options.IsMainnet);
        var host = new VenueHost(app, new VenueRunner(state, clock, log), recovery, log, clock);
        recovery.IsKnown = a => host.runner.Look(s => s.ByAddress.ContainsKey(a) || s.Agents.ContainsKey(a));
        recovery.OtherNetwork = () =>
            host.Said?.Invoke(
                "a signature fits the other network only: sign as "
                    + (options.IsMainnet ? "mainnet" : "testnet")
                    + ", and never use a real key here"
            );
        host.Route();
        // The first blocks put the synthetic book there before anybody looks.
        for (var i = 0; i < 3; i++)
            host.runner.Seal();
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            log?.Dispose();
            throw new VenueException(
                $"port {options.Port} of this machine is taken; say another --port, or --port 0 for a free one",
                e
            )
            {
                IsPortTaken = true,
            };
        }

        host.Port = new Uri(app.Urls.First()).Port;
        host.running = host.runner.Run(host.stop.Token);
        return host;
    }

    /// <summary>Stops closing blocks and lets everybody go.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // How it is stopped.
        }

        publisher.CloseAll();
        using (var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
            await app.StopAsync(soon.Token).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
        log?.Dispose();
        stop.Dispose();
    }

    /// <summary>The first line of a log, up to when it began: what must be the same for it to be gone on with.</summary>
    private static string Head(VenueOptions o)
    {
        var c = o.Config;
        var funds = string.Join(' ', c.Funds.Select(f => $"{f.Item1}={f.Item2}"));
        var spot = string.Join(' ', c.SpotFunds.Select(f => $"{f.Item1}={f.Item2}:{f.Item3}"));
        var limits = c.HasLimits ? "true" : "false";
        var market = FormattableString.Invariant(
            $"\"seed\":{c.Seed},\"scenario\":\"{c.Scenario}\",\"speed\":{c.Speed},\"limits\":{limits}"
        );
        return $"{{\"venue\":1,{market},\"funds\":\"{funds}\",\"spot\":\"{spot}\"";
    }

    private void Route()
    {
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        app.Run(Serve);
    }

    private async Task Serve(HttpContext context)
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
            await Text(reply, 415, "Expected request with `Content-Type: application/json`").ConfigureAwait(false);
            return;
        }

        await Answer(request, reply).ConfigureAwait(false);
    }

    private async Task Answer(HttpRequest request, HttpResponse reply)
    {
        JsonDocument body;
        try
        {
            body = await JsonDocument
                .ParseAsync(request.Body, Depth, request.HttpContext.RequestAborted)
                .ConfigureAwait(false);
        }
        catch (JsonException)
        {
            await Text(reply, 400, "Failed to parse the request body as JSON").ConfigureAwait(false);
            return;
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            await Text(reply, e.StatusCode, "The request could not be read").ConfigureAwait(false);
            return;
        }

        using (body)
        {
            var answer = request.Path.Value switch
            {
                _ when !Asked.IsReadable(body.RootElement) => null,
                "/info" => Info(body.RootElement),
                "/explorer" => Explorer(body.RootElement),
                _ => await Exchange(body.RootElement).ConfigureAwait(false),
            };
            if (answer is null)
            {
                await Text(reply, 422, Asked.Unreadable).ConfigureAwait(false);
                return;
            }

            reply.ContentType = "application/json";
            reply.ContentLength = answer.Length;
            await reply.Body.WriteAsync(answer).ConfigureAwait(false);
        }
    }

    /// <summary>What a <c>post</c> over the socket is answered with.</summary>
    private async Task<byte[]?> Post(bool isAction, JsonElement payload)
    {
        if (!Asked.IsReadable(payload))
            return null;
        return isAction ? await Exchange(payload).ConfigureAwait(false) : Info(payload);
    }

    private byte[]? Info(JsonElement request) =>
        runner.Look(s =>
        {
            var ok = false;
            var bytes = JsonBytes.Of(json =>
            {
                ok = InfoReplies.TryWrite(s, request, json);
                if (!ok)
                    json.Reset();
            });
            return ok ? bytes : null;
        });

    private byte[] Explorer(JsonElement request) =>
        runner.Look(s => JsonBytes.Of(json => ChainJson.Explorer(s, request, json)));

    private async Task<byte[]?> Exchange(JsonElement body)
    {
        if (!recovery.TryRead(body, out var submission, out var refusal))
            return null;
        if (submission is null)
            return ReplyJson.Refusal(refusal!);
        var done = runner.Submit(submission, body.GetProperty("action").Clone());
        return done is null
            ? ReplyJson.Refusal("Too many requests wait for a block.")
            : await done.ConfigureAwait(false);
    }

    private static bool IsHere(string host) =>
        host is "127.0.0.1" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a page of this machine sent it.</summary>
    private static bool IsOurs(string? origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && (from.Scheme == Uri.UriSchemeHttp || from.Scheme == Uri.UriSchemeHttps)
        && from.UserInfo.Length == 0
        && IsHere(from.Host);

    private static Task Text(HttpResponse reply, int status, string text)
    {
        reply.StatusCode = status;
        reply.ContentType = "text/plain; charset=utf-8";
        return reply.Body.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();
    }

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
