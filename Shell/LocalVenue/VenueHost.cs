using System.Net;
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

/// <summary>The local venue on loopback: <c>/info</c>, <c>/exchange</c>, <c>/explorer</c> and <c>/ws</c> on one port.</summary>
public sealed class VenueHost : IAsyncDisposable
{
    private const int MostBody = 1 << 20;
    private const int MostConnections = 2_048;

    private readonly WebApplication app;
    private readonly VenueRunner runner;
    private readonly InputLog? log;
    private readonly Wiring wiring;
    private readonly CancellationTokenSource stop = new();
    private readonly Publisher publisher;
    private readonly Sentences sentences;
    private Task running = Task.CompletedTask;

    private VenueHost(WebApplication app, VenueRunner runner, InputLog? log, Wiring wiring, TimeProvider clock)
    {
        this.app = app;
        this.runner = runner;
        this.log = log;
        this.wiring = wiring;
        sentences = new Sentences(sentence => Said?.Invoke(sentence));
        publisher = new Publisher(runner, clock, wiring);
        runner.Sealed += (_, _) => Pauses.Block();
        publisher.Dropped += why => sentences.Say($"a connection was dropped: {why}");
        if (wiring.Faults is { } faults)
            faults.Said += sentences.Say;
        if (wiring.Recorder is { } recorder)
            recorder.Said += sentences.Say;
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>Ends when the venue stopped closing blocks; with its fault if it broke.</summary>
    public Task Running => running;

    /// <summary>What the collector cost.</summary>
    public VenuePauses Pauses { get; } = new();

    /// <summary>
    /// Sentences for whoever watches, never with a signature in them; one after the other, from a thread that nothing waits for.
    /// </summary>
    public event Action<string>? Said;

    /// <summary>Opens the venue and waits until it answers.</summary>
    /// <exception cref="VenueException">The port is taken, or the log cannot be gone on with.</exception>
    public static async Task<VenueHost> Open(VenueOptions options, TimeProvider clock)
    {
        if (Endowment.trouble(options.Config) is { } much)
            throw new VenueException(much);
        var log = Begin(options, out var state);
        Wiring wiring;
        try
        {
            wiring = Wire(options, clock);
        }
        catch (VenueException)
        {
            log?.Dispose();
            throw;
        }

        var app = Build(options);
        var runner = new VenueRunner(state, clock, log, wiring.Faults);
        var host = new VenueHost(app, runner, log, wiring, clock);
        var recovery = new Recovery(options.IsMainnet)
        {
            IsKnown = a => runner.Look(s => s.ByAddress.ContainsKey(a) || s.Agents.ContainsKey(a)),
            OtherNetwork = () =>
                host.sentences.Say(
                    "a signature fits the other network only: sign as "
                        + (options.IsMainnet ? "mainnet" : "testnet")
                        + ", and never use a real key here"
                ),
        };
        var door = new VenueDoor(new VenueDesk(runner, recovery), host.publisher, wiring, clock);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        app.Run(door.Serve);
        // The first blocks put the synthetic book there before anybody looks.
        for (var i = 0; i < 3; i++)
            runner.Seal();
        try
        {
            await Listen(app, options).ConfigureAwait(false);
            // Not before: where the port is taken another venue may have written it.
            if (options.TruthPath is { } truth)
                TruthFile.Write(truth, state.Config);
        }
        catch (VenueException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            log?.Dispose();
            wiring.Recorder?.Dispose();
            throw;
        }

        host.Port = new Uri(app.Urls.First()).Port;
        host.running = runner.Run(host.stop.Token);
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
        wiring.Recorder?.Dispose();
        await sentences.End().ConfigureAwait(false);
        stop.Dispose();
    }

    /// <summary>What an address may still ask; null without limits.</summary>
    internal VenueLimits? Limits => wiring.Limits;

    /// <summary>Does something with the state while nothing else does.</summary>
    internal T Look<T>(Func<VenueState, T> look) => runner.Look(look);

    private static async Task Listen(WebApplication app, VenueOptions options)
    {
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new VenueException(
                $"port {options.Port} of this machine is taken; say another --port, or --port 0 for a free one",
                e
            )
            {
                IsPortTaken = true,
            };
        }
    }

    private static InputLog? Begin(VenueOptions options, out VenueState state)
    {
        if (options.StatePath is not { } path)
        {
            state = Engine.create(options.Config);
            return null;
        }

        return InputLog.Open(path, LogHead.Of(options.Config), options.Config, out state, out var trouble)
            ?? throw new VenueException(trouble);
    }

    private static Wiring Wire(VenueOptions options, TimeProvider clock) =>
        new(
            options.Faults is { Count: > 0 } faults ? new FaultBox(faults, options.Config.Seed, clock) : null,
            options.RecordPath is { } folder ? Recorder.Open(folder, clock) : null,
            options.Config.HasLimits ? new VenueLimits(clock) : null
        )
        {
            Deflates = options.Deflates,
        };

    private static WebApplication Build(VenueOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        // Signals belong to the program, not to the web server in it.
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, options.Port);
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = MostBody;
            k.Limits.MaxConcurrentConnections = MostConnections;
            k.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            k.Limits.MinRequestBodyDataRate = new MinDataRate(100, TimeSpan.FromSeconds(5));
        });
        return builder.Build();
    }

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
