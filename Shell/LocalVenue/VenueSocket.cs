using System.Net.WebSockets;
using System.Threading.Channels;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// One connection: frames wait in a bounded queue for the one who sends them. Who reads too slowly to keep it from filling is
/// dropped with a reason, and nobody else notices.
/// </summary>
internal sealed class VenueSocket(WebSocket socket)
{
    private const int MostFrames = 4_096;
    private const long MostBytes = 16L << 20;

    private readonly Channel<byte[]> queue = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MostFrames) { SingleReader = true }
    );

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
        if (Interlocked.Add(ref waiting, frame.Length) > MostBytes || !queue.Writer.TryWrite(frame))
            Close("slow consumer");
    }

    /// <summary>Lets the connection go when what is queued was sent; only the first reason counts.</summary>
    public void Close(string why)
    {
        Interlocked.CompareExchange(ref reason, why, null);
        queue.Writer.TryComplete();
    }

    /// <summary>Sends what is queued until the connection is closed.</summary>
    public async Task Pump(CancellationToken stop)
    {
        try
        {
            await foreach (var frame in queue.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                if (reason == "slow consumer")
                    break;
                Interlocked.Add(ref waiting, -frame.Length);
                await socket.SendAsync(frame, WebSocketMessageType.Text, true, stop).ConfigureAwait(false);
                LastSent = Environment.TickCount64;
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var soon = CancellationTokenSource.CreateLinkedTokenSource(stop);
                soon.CancelAfter(1_000);
                await socket
                    .CloseOutputAsync(
                        reason == "slow consumer"
                            ? WebSocketCloseStatus.PolicyViolation
                            : WebSocketCloseStatus.NormalClosure,
                        reason,
                        soon.Token
                    )
                    .ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The venue or the connection ends.
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
