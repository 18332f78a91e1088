using System.Net.WebSockets;
using System.Threading.Channels;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// One connection: frames wait in a bounded queue for the one who sends them. Who reads too slowly to keep it from filling is
/// dropped with a reason, and nobody else notices. However a connection is closed, it is let go within <see cref="Grace"/>:
/// an other end that reads nothing cannot hold it.
/// </summary>
internal sealed class VenueSocket(WebSocket socket, TimeProvider clock) : IDisposable
{
    /// <summary>From closing to letting go: for what is queued, and for the word of farewell.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private const int MostFrames = 4_096;
    private const long MostBytes = 16L << 20;
    private const string Slow = "slow consumer";

    private readonly Channel<byte[]> queue = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MostFrames) { SingleReader = true }
    );

    private readonly CancellationTokenSource gone = new(Timeout.InfiniteTimeSpan, clock);
    private long waiting;
    private string? reason;

    /// <summary>What it listens to, by normal form. Touched under the venue's lock only.</summary>
    public HashSet<string> Topics { get; } = new(StringComparer.Ordinal);

    /// <summary>When something was last sent, ms of the machine's counter.</summary>
    public long LastSent { get; private set; } = Environment.TickCount64;

    /// <summary>Why it was dropped; null while it was not.</summary>
    public string? Reason => reason;

    /// <summary>Queues a frame, or drops the connection when its queue is full.</summary>
    public void Send(byte[] frame)
    {
        if (reason is null && (Interlocked.Add(ref waiting, frame.Length) > MostBytes || !queue.Writer.TryWrite(frame)))
            Close(Slow);
    }

    /// <summary>Lets the connection go when what is queued was sent, or the grace is over; only the first reason counts.</summary>
    public void Close(string why)
    {
        if (Interlocked.CompareExchange(ref reason, why, null) is not null)
            return;
        queue.Writer.TryComplete();
        gone.CancelAfter(Grace);
    }

    /// <summary>After <see cref="Pump"/> has ended.</summary>
    public void Dispose() => gone.Dispose();

    /// <summary>Sends what is queued until the connection is closed.</summary>
    public async Task Pump(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, gone.Token);
        try
        {
            await foreach (var frame in queue.Reader.ReadAllAsync(end.Token).ConfigureAwait(false))
            {
                if (reason == Slow)
                    break;
                Interlocked.Add(ref waiting, -frame.Length);
                await socket.SendAsync(frame, WebSocketMessageType.Text, true, end.Token).ConfigureAwait(false);
                LastSent = Environment.TickCount64;
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket
                    .CloseOutputAsync(
                        reason == Slow ? WebSocketCloseStatus.PolicyViolation : WebSocketCloseStatus.NormalClosure,
                        reason,
                        end.Token
                    )
                    .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The venue or the connection ends, or the other end took nothing for the whole grace.
        }
        catch (WebSocketException)
        {
            // The other end is gone.
        }
        finally
        {
            if (socket.State is not (WebSocketState.CloseSent or WebSocketState.Closed))
                socket.Abort();
        }
    }
}
