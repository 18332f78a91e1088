using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// The one owner of a venue's state: gathers signed requests, closes a block when its time has come, answers, and hands what
/// happened to whoever listens. Everything that looks at the state does so under its lock.
/// </summary>
internal sealed class VenueRunner(VenueState state, TimeProvider clock, InputLog? log, FaultBox? faults = null)
{
    /// <summary>Requests that may wait for a block; more are turned away.</summary>
    public const int MostWaiting = 10_000;

    /// <summary>Bytes of their actions together; more are turned away.</summary>
    public const long MostBytes = 64 << 20;

    private readonly Lock gate = new();
    private readonly List<Waiting> queue = [];
    private long bytes;
    private int passed;

    /// <summary>What every block did, told under the lock.</summary>
    public event Action<VenueState, BlockOutput>? Sealed;

    /// <summary>Does something with the state while nothing else does.</summary>
    public T Look<T>(Func<VenueState, T> look)
    {
        lock (gate)
            return look(state);
    }

    /// <summary>
    /// Queues a request for the next block. Its answer is the JSON of the reply; null when too many wait already, or too
    /// much of them.
    /// </summary>
    public Task<byte[]>? Submit(Submission submission, JsonElement action)
    {
        var size = JsonMarshal.GetRawUtf8Value(action).Length;
        lock (gate)
        {
            if (queue.Count >= MostWaiting || bytes + size > MostBytes)
                return null;
            bytes += size;
            var done = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Add(new Waiting(submission, action, done));
            return done.Task;
        }
    }

    /// <summary>Closes blocks until it is stopped.</summary>
    public async Task Run(CancellationToken stop)
    {
        var next = Now();
        while (!stop.IsCancellationRequested)
        {
            next = Math.Max(Now(), next + Look(Engine.gap) + Pass());
            var wait = next - Now();
            if (wait > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(wait), clock, stop).ConfigureAwait(false);
            Seal();
        }
    }

    /// <summary>Lets the next block pass over its proposer where a fault strikes him; the milliseconds that are waited for him.</summary>
    public long Pass()
    {
        lock (gate)
        {
            if (faults?.Strike(FaultPlace.Block, "") is not { } fault)
                return 0;
            passed++;
            return fault.DelayMs;
        }
    }

    /// <summary>Closes one block now.</summary>
    public void Seal()
    {
        lock (gate)
        {
            var waiting = queue.ToArray();
            queue.Clear();
            bytes = 0;
            var block = new Block(Math.Max(Now(), state.Time), Array.ConvertAll(waiting, w => w.Submission));
            log?.Append(block, Array.ConvertAll(waiting, w => w.Action), passed);
            for (; passed > 0; passed--)
                Engine.skip(state);
            var output = Engine.step(state, block);
            var answers = new byte[waiting.Length][];
            for (var i = 0; i < waiting.Length; i++)
                answers[i] = Reply(output.Answers[i]);
            Sealed?.Invoke(state, output);
            for (var i = 0; i < waiting.Length; i++)
                waiting[i].Done.TrySetResult(answers[i]);
        }
    }

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static byte[] Reply(VenueAnswer answer) => JsonBytes.Of(json => ReplyJson.Write(json, answer));

    private sealed record Waiting(Submission Submission, JsonElement Action, TaskCompletionSource<byte[]> Done);
}
