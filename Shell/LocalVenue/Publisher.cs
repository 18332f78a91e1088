using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// Who listens to what: subscribes, unsubscribes, and after every block sends each topic's frame to those who asked for it,
/// written once for all of them.
/// </summary>
internal sealed class Publisher : ISubscribers
{
    /// <summary>After so long without a word to it a connection is closed.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    /// <summary>Of one connection, where no limits are asked for: each is looked at after every block.</summary>
    public const int MostTopics = 4_096;

    private readonly VenueRunner runner;
    private readonly TimeProvider clock;
    private readonly Wiring wiring;
    private readonly Dictionary<string, Topic> topics = new(StringComparer.Ordinal);
    private readonly HashSet<VenueSocket> sockets = [];

    /// <summary>Listens to the blocks of <paramref name="runner"/>.</summary>
    public Publisher(VenueRunner runner, TimeProvider clock, Wiring wiring)
    {
        this.runner = runner;
        this.clock = clock;
        this.wiring = wiring;
        runner.Sealed += Push;
    }

    /// <summary>A connection was dropped, with why.</summary>
    public event Action<string>? Dropped;

    /// <summary>Serves one connection until it ends.</summary>
    public async Task Serve(HttpContext context, PostReply post)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (wiring.Limits?.TryConnect() == false)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }

        try
        {
            await Connected(context, post).ConfigureAwait(false);
        }
        finally
        {
            wiring.Limits?.Disconnect();
        }
    }

    private async Task Connected(HttpContext context, PostReply post)
    {
        // What is sent holds no secret that a stranger could guess from its length.
        var terms = new WebSocketAcceptContext { DangerousEnableCompression = wiring.Deflates };
        using var web = await context.WebSockets.AcceptWebSocketAsync(terms).ConfigureAwait(false);
        using var socket = new VenueSocket(web, clock, wiring);
        runner.Look(_ => sockets.Add(socket));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var pump = Pump(socket, stop);
        try
        {
            await new SocketReader(web, socket, this, post, wiring, clock).Run(stop.Token).ConfigureAwait(false);
        }
        finally
        {
            Forget(socket);
            socket.Close("");
            await pump.ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            if (socket.Reason is { Length: > 0 } why)
                Dropped?.Invoke(why);
        }
    }

    // The other end may answer the farewell; one that does not is not waited for.
    private static async Task Pump(VenueSocket socket, CancellationTokenSource stop)
    {
        await socket.Pump(stop.Token).ConfigureAwait(false);
        stop.CancelAfter(VenueSocket.Grace);
    }

    /// <summary>Lets every connection go.</summary>
    public void CloseAll() =>
        runner.Look(_ =>
        {
            foreach (var socket in sockets)
                socket.Close("the venue ends");
            return true;
        });

    /// <summary>Subscribes, and sends the acknowledgement and the first picture; or says why not.</summary>
    public void Subscribe(VenueSocket socket, JsonElement asked)
    {
        if (Subscription.Read(asked) is not { } s)
        {
            socket.Send(Frames.Error("Invalid subscription " + asked.GetRawText()));
            return;
        }

        runner.Look(state =>
        {
            if (socket.Topics.Contains(s.Echo))
            {
                socket.Send(Frames.Error("Already subscribed: " + s.Echo));
                return false;
            }

            if (socket.Topics.Count >= MostTopics)
            {
                socket.Send(Frames.Error($"Cannot hold more than {MostTopics} total subscriptions."));
                return false;
            }

            if (wiring.Limits?.Subscribe(s.User) is { } exceeded)
            {
                socket.Send(Frames.Error(exceeded));
                return false;
            }

            socket.Topics.Add(s.Echo);
            if (!topics.TryGetValue(s.Echo, out var topic))
                topics[s.Echo] = topic = new Topic(s);
            topic.Listeners.Add(socket);
            socket.Send(Frames.Acknowledged("subscribe", s.Echo));
            if (Frames.First(state, s) is { } first)
                socket.Send(first);
            return true;
        });
    }

    /// <summary>Ends a subscription, or says that there is none.</summary>
    public void Unsubscribe(VenueSocket socket, JsonElement asked)
    {
        if (Subscription.Read(asked) is not { } s)
        {
            socket.Send(Frames.Error("Invalid subscription " + asked.GetRawText()));
            return;
        }

        runner.Look(_ =>
        {
            if (!socket.Topics.Remove(s.Echo))
            {
                socket.Send(Frames.Error("Already unsubscribed: " + s.Echo));
                return false;
            }

            Leave(socket, s.Echo);
            socket.Send(Frames.Acknowledged("unsubscribe", s.Echo));
            return true;
        });
    }

    /// <summary>Ends everything that a connection listened to.</summary>
    public void Forget(VenueSocket socket) =>
        runner.Look(_ =>
        {
            foreach (var echo in socket.Topics)
                Leave(socket, echo);
            return sockets.Remove(socket);
        });

    private void Leave(VenueSocket socket, string echo)
    {
        if (!topics.TryGetValue(echo, out var topic))
            return;
        topic.Listeners.Remove(socket);
        wiring.Limits?.Unsubscribe(topic.Subscription.User);
        if (topic.Listeners.Count == 0)
            topics.Remove(echo);
    }

    /// <summary>After a block, under the venue's lock.</summary>
    private void Push(VenueState state, BlockOutput output)
    {
        var frames = new List<byte[]>();
        foreach (var topic in topics.Values)
        {
            frames.Clear();
            if (topic.Next(state, output) is { } frame)
                frames.Add(Shown(topic, frame));
            topic.Events(state, output, frames);
            foreach (var each in frames)
            {
                foreach (var socket in topic.Listeners)
                    socket.Send(each);
            }
        }

        foreach (var socket in sockets)
        {
            if (!socket.IsSilent && clock.GetElapsedTime(socket.LastSent) > Idle)
                socket.Close("nothing was sent for a minute");
        }
    }

    /// <summary>A topic's new frame, or the last one again where a fault wants it.</summary>
    private byte[] Shown(Topic topic, byte[] frame)
    {
        if (wiring.Faults is not { } faults)
            return frame;
        if (topic.Shown is { } old && faults.Strike(FaultPlace.Picture, Frames.ChannelOf(frame)) is not null)
            return old;
        topic.Shown = frame;
        return frame;
    }
}
