using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>Questions with answers of a type.</summary>
public static class Asking
{
    private const int TimeTries = 5;

    /// <summary>The answer; null and a sentence when there is none, or it is not what the protocol says.</summary>
    internal static async Task<(T? Value, string Why)> AskAsync<T>(
        this IVenueRest rest,
        Shape<T> shape,
        byte[] body,
        CancellationToken stop
    )
        where T : class
    {
        var reply = await rest.AskAsync(shape.Name, body, isExit: true, stop).ConfigureAwait(false);
        if (reply.Outcome != RestOutcome.Answered)
            return (null, $"{shape.Name}: {reply.Why}");
        return shape.TryDecode(reply.Body, out var value, out var error) ? (value, "") : (null, error.ToString());
    }

    /// <summary>The same of a list.</summary>
    internal static async Task<(Rows<T>? Rows, string Why)> AskRowsAsync<T>(
        this IVenueRest rest,
        Shape<Rows<T>> shape,
        byte[] body,
        CancellationToken stop
    )
    {
        var reply = await rest.AskAsync(shape.Name, body, isExit: true, stop).ConfigureAwait(false);
        if (reply.Outcome != RestOutcome.Answered)
            return (null, $"{shape.Name}: {reply.Why}");
        return shape.TryDecode(reply.Body, out var rows, out var error) ? (rows, "") : (null, error.ToString());
    }

    /// <summary>Asks for the venue's time and lets the clock know. Null, or why it was not told.</summary>
    public static async Task<string?> AskTimeAsync(
        this IVenueRest rest,
        VenueClock venue,
        RunClock clock,
        CancellationToken stop
    )
    {
        var sent = clock.Now;
        var (status, why) = await rest.AskAsync(Info.ExchangeStatus, Question.Of("exchangeStatus"), stop)
            .ConfigureAwait(false);
        if (status is null)
            return why;
        venue.Asked(sent, status.TimeMs);
        return null;
    }

    /// <summary>
    /// Asks for the venue's time until it is known well enough for orders: the first answer of a new connection takes long. Null, or why
    /// it is not; <c>IsSilent</c>: the venue did not tell it.
    /// </summary>
    public static async Task<(string? Why, bool IsSilent)> SettleTimeAsync(
        this IVenueRest rest,
        VenueClock venue,
        RunClock clock,
        CancellationToken stop
    )
    {
        for (var i = 0; i < TimeTries; i++)
        {
            if (await rest.AskTimeAsync(venue, clock, stop).ConfigureAwait(false) is { } silent)
                return (silent, true);
            if (venue.Refusal() is null)
                return (null, false);
        }

        return (venue.Refusal(), false);
    }
}
