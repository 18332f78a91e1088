using System.Net.WebSockets;
using System.Threading.Channels;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// One connection: frames wait in a bounded queue for the one who sends them. Who reads too slowly to keep it from filling is
/// dropped with a reason, and nobody else notices. However a connection is closed, it is let go within <see cref="Grace"/>:
/// an other end that reads nothing cannot hold it.
/// </summary>
internal sealed class VenueSocket : IDisposable
{
    /// <summary>From closing to letting go: for what is queued, and for the word of farewell.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private const int MostFrames = 4_096;
    private const long MostBytes = 16L << 20;
    private const string Slow = "slow consumer";

    private readonly Channel<Queued> queue = Channel.CreateBounded<Queued>(
        new BoundedChannelOptions(MostFrames) { SingleReader = true }
    );

    private readonly WebSocket socket;
    private readonly TimeProvider clock;
    private readonly Recorder? recorder;
    private readonly FaultyLine? line;
    private readonly CancellationTokenSource gone;
    private long waiting;
    private string? reason;
    private WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure;

    /// <summary>A connection with what stands between it and the venue.</summary>
    public VenueSocket(WebSocket socket, TimeProvider clock, Wiring? wiring = null)
    {
        this.socket = socket;
        this.clock = clock;
        recorder = wiring?.Recorder;
        Number = recorder?.Connected() ?? 0;
        line = wiring?.Faults is { } faults ? new FaultyLine(faults, Queue, Cut) : null;
        gone = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        LastSent = clock.GetTimestamp();
    }

    /// <summary>What it listens to, by normal form. Touched under the venue's lock only.</summary>
    public HashSet<string> Topics { get; } = new(StringComparer.Ordinal);

    /// <summary>Its number in the recording; 0 without one.</summary>
    public int Number { get; }

    /// <summary>When something was last sent, by the clock's counter.</summary>
    public long LastSent { get; private set; }

    /// <summary>Why it was dropped; null while it was not.</summary>
    public string? Reason => reason;

    /// <summary>A fault left it half open: nothing is sent to it, nothing that it says is heard.</summary>
    public bool IsSilent => line?.IsSilent == true;

    /// <summary>Queues a frame, or drops the connection when its queue is full.</summary>
    public void Send(byte[] frame)
    {
        if (line is null)
            Queue(frame, 0);
        else
            line.Send(frame);
    }

    /// <summary>Queues a frame that no fault strikes any more, to be sent so many milliseconds from now at the earliest.</summary>
    public void Queue(byte[] frame, long delayMs)
    {
        var due = delayMs == 0 ? 0 : clock.GetTimestamp() + delayMs * clock.TimestampFrequency / 1_000;
        if (
            reason is null
            && (
                Interlocked.Add(ref waiting, frame.Length) > MostBytes || !queue.Writer.TryWrite(new Queued(frame, due))
            )
        )
            Close(Slow, WebSocketCloseStatus.PolicyViolation);
    }

    /// <summary>Lets the connection go when what is queued was sent, or the grace is over; only the first reason counts.</summary>
    public void Close(string why, WebSocketCloseStatus code = WebSocketCloseStatus.NormalClosure)
    {
        if (Interlocked.CompareExchange(ref reason, why, null) is not null)
            return;
        status = code;
        queue.Writer.TryComplete();
        gone.CancelAfter(Grace);
    }

    /// <summary>Lets the connection go at once, without a word to the other end.</summary>
    public void Cut(string why)
    {
        if (Interlocked.CompareExchange(ref reason, why, null) is not null)
            return;
        queue.Writer.TryComplete();
        gone.Cancel();
    }

    /// <summary>After <see cref="Pump"/> has ended.</summary>
    public void Dispose()
    {
        recorder?.Ended(Number, reason);
        gone.Dispose();
    }

    /// <summary>Sends what is queued until the connection is closed.</summary>
    public async Task Pump(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, gone.Token);
        try
        {
            await foreach (var (frame, due) in queue.Reader.ReadAllAsync(end.Token).ConfigureAwait(false))
            {
                if (reason == Slow)
                    break;
                var now = clock.GetTimestamp();
                if (due > now)
                    await Task.Delay(clock.GetElapsedTime(now, due), clock, end.Token).ConfigureAwait(false);
                Interlocked.Add(ref waiting, -frame.Length);
                await socket.SendAsync(frame, WebSocketMessageType.Text, true, end.Token).ConfigureAwait(false);
                LastSent = clock.GetTimestamp();
                recorder?.Told(Number, frame);
            }

            end.Token.ThrowIfCancellationRequested();
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, reason, end.Token).ConfigureAwait(false);
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

    /// <summary>A frame and when it may be sent at the earliest, by the clock's counter; 0 at once.</summary>
    private readonly record struct Queued(byte[] Frame, long Due);
}
