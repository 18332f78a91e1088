namespace Vrlg.Shell.Live;

/// <summary>Ends the parts of a run.</summary>
internal static class LettingGo
{
    /// <summary>
    /// Lets each part go, the last that was made first, whatever another throws: a journal on a full disk keeps no socket open and
    /// no file of nonces taken. The first trouble is answered; the list is empty afterwards.
    /// </summary>
    public static Exception? Of(List<IDisposable> made)
    {
        Exception? first = null;
        for (var i = made.Count - 1; i >= 0; i--)
        {
            try
            {
                made[i].Dispose();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                first ??= e;
            }
        }

        made.Clear();
        return first;
    }
}
