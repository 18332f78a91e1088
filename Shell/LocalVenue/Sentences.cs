using System.Threading.Channels;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// Sentences on their way to whoever watches, one after the other from a thread of their own: they are said under locks that every
/// block needs, and a listener may be slow or never return. Of more than a thousand that wait the oldest are left out.
/// </summary>
internal sealed class Sentences
{
    private const int MostWaiting = 1_000;

    private readonly Channel<string> waiting = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );
    private readonly Task spoken;

    /// <summary>Begins to listen for sentences.</summary>
    /// <param name="hear">Who hears them.</param>
    public Sentences(Action<string> hear) => spoken = Task.Run(() => Speak(hear));

    /// <summary>Says a sentence; never waits.</summary>
    public void Say(string sentence) => waiting.Writer.TryWrite(sentence);

    /// <summary>No more is said; what was said is waited for, a second at most.</summary>
    public async Task End()
    {
        _ = waiting.Writer.TryComplete();
        _ = await Task.WhenAny(spoken, Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false);
    }

    private async Task Speak(Action<string> hear)
    {
        await foreach (var sentence in waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                hear(sentence);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A listener that breaks is no fault of the venue's.
            }
        }
    }
}
