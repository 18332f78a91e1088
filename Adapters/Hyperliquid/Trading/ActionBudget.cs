using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>
/// The venue's allowance of actions for the account's address (protocol 7.2), as it last told it, less what was sent since. The
/// core counts its own; this one sees what other programs of the same account use. Safe from any thread.
/// </summary>
/// <param name="reserve">Kept for cancels and exits: what opens is refused below it.</param>
public sealed class ActionBudget(long reserve)
{
    private readonly Lock gate = new();
    private long left = long.MaxValue;

    /// <summary>Actions left; the largest number while the venue has not told.</summary>
    public long Left
    {
        get
        {
            lock (gate)
                return left;
        }
    }

    /// <summary>The venue told it just now.</summary>
    public void Learn(UserRateLimit limit)
    {
        lock (gate)
            left = Math.Max(0, limit.Cap - limit.Used) + (limit.Surplus ?? 0);
    }

    /// <summary>Asks the venue. Null, or why it did not tell.</summary>
    public async Task<string?> AskAsync(IVenueRest rest, Address user, CancellationToken stop)
    {
        var (limit, why) = await rest.AskAsync(Info.UserRateLimit, Question.Of("userRateLimit", user), stop)
            .ConfigureAwait(false);
        if (limit is null)
            return why;
        Learn(limit);
        return null;
    }

    /// <summary>So many orders or cancels were sent.</summary>
    public void Spend(int count)
    {
        lock (gate)
        {
            if (left != long.MaxValue)
                left = Math.Max(0, left - count);
        }
    }

    /// <summary>Why nothing may open, in a sentence; null when it may.</summary>
    public string? Refusal() =>
        Left is var now && now <= reserve
            ? $"the venue's action budget of this address is nearly spent: {now} left, and {reserve} are kept for exits"
            : null;
}
