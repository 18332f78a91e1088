using Vrlg.Sim.LocalVenue;
using Plan = Vrlg.Sim.LocalVenue.Faults;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// The faults of a file while a venue runs. Each has draws of its own, counted: what it strikes follows from the seed and from
/// how many messages it might have struck before, and from nothing else.
/// </summary>
internal sealed class FaultBox(IReadOnlyList<Fault> all, long seed, TimeProvider clock)
{
    /// <summary>Strikes of a fault that are told one by one; of later ones each hundredth.</summary>
    private const int Told = 20;

    private readonly Lock gate = new();
    private readonly long[] draws = new long[all.Count];
    private readonly long[] strikes = new long[all.Count];
    private readonly long opened = clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A fault struck, in words.</summary>
    public event Action<string>? Said;

    /// <summary>How often a fault of the file struck.</summary>
    public long Strikes(int index)
    {
        lock (gate)
            return strikes[index];
    }

    /// <summary>
    /// The fault that strikes what is said now at a place on a channel; null when none does. They are asked in the order of the
    /// file, and the first that strikes is the one.
    /// </summary>
    public Fault? Strike(FaultPlace place, string channel)
    {
        var ms = clock.GetUtcNow().ToUnixTimeMilliseconds() - opened;
        for (var i = 0; i < all.Count; i++)
        {
            if (!Plan.concerns(all[i], place, channel, ms))
                continue;
            long struck;
            lock (gate)
            {
                if (!Plan.strikes(seed, i, draws[i]++, all[i]))
                    continue;
                struck = ++strikes[i];
            }

            if (struck <= Told || struck % 100 == 0)
                Said?.Invoke(
                    $"fault {i + 1} ({all[i].Name}){(channel.Length > 0 ? " on " + channel : "")}, strike {struck}"
                );
            return all[i];
        }

        return null;
    }
}
