using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>What the venue said of an account.</summary>
/// <param name="Facts">Cash, positions, open orders.</param>
/// <param name="At">The instant of the positions; the orders were listed at or after it.</param>
/// <param name="Fills">The account's fills since the time that was asked about, unsorted.</param>
public sealed record AccountSight(AccountFacts Facts, Instant At, Rows<UserFill> Fills);

/// <summary>
/// Looks at an account over REST: positions and cash first, then balances, open orders and fills, so that nothing is listed as of an
/// earlier time than the look's own instant. Where spot balances, which state no time, may have moved meanwhile it looks again.
/// </summary>
/// <param name="rest">Asks.</param>
/// <param name="user">The account's address.</param>
/// <param name="account">Its place in the run.</param>
/// <param name="coins">The run's coins: others are no concern of the look.</param>
public sealed class AccountLook(RestClient rest, Address user, AccountId account, ImmutableArray<FeedCoin> coins)
{
    private const int Tries = 3;
    private const int PageRows = 2_000;
    private const int Pages = 5;

    private bool HasSpot => coins.Any(c => c.BaseToken is not null);

    /// <summary>
    /// Looks once. Null and a sentence when the venue did not answer, or not as the protocol says.
    /// <paramref name="fillsFromMs"/>: fills from this block time on.
    /// </summary>
    public async Task<(AccountSight? Sight, string Why)> TakeAsync(long fillsFromMs, CancellationToken stop)
    {
        var why = "";
        for (var i = 0; i < Tries; i++)
        {
            (var isRead, var perp, why) = await Ask(Info.ClearinghouseState, "", stop).ConfigureAwait(false);
            if (!isRead)
                return (null, why);
            SpotState? spot = null;
            if (HasSpot)
            {
                (isRead, spot, why) = await Ask(Info.SpotClearinghouseState, "", stop).ConfigureAwait(false);
                if (!isRead)
                    return (null, why);
            }

            (isRead, var open, why) = await Ask(Info.OpenOrders, "", stop).ConfigureAwait(false);
            if (!isRead)
                return (null, why);
            (isRead, var fills, why) = await Fills(fillsFromMs, stop).ConfigureAwait(false);
            if (!isRead)
                return (null, why);
            // A fill of the state's own block is in the state, and in the balances that were asked for after it.
            if (HasSpot && fills.Any(f => f.TimeMs > perp.TimeMs && IsSpot(f.Coin)))
            {
                why = "the spot balances moved while they were looked at";
                continue;
            }

            return TryFacts(perp, spot, open, out var facts, out why)
                ? (new AccountSight(facts, Instant.OfMs(perp.TimeMs), fills), "")
                : (null, why);
        }

        return (null, why);
    }

    private bool IsSpot(string coin) => coins.Any(c => c.Coin == coin && c.BaseToken is not null);

    private async Task<(bool IsRead, Rows<UserFill> Fills, string Why)> Fills(long fromMs, CancellationToken stop)
    {
        var all = new List<UserFill>();
        for (var page = 0; page < Pages; page++)
        {
            var more = string.Create(CultureInfo.InvariantCulture, $",\"startTime\":{Math.Max(0, fromMs)}");
            var (isRead, rows, why) = await Ask(Info.UserFillsByTime, more, stop).ConfigureAwait(false);
            if (!isRead)
                return (false, default, why);
            all.AddRange(rows);
            // A full page may have left out later ones: they are asked for from its last block on. Those told twice count once.
            if (rows.Count < PageRows || rows.Max(f => f.TimeMs) is var last && last <= fromMs)
                break;
            fromMs = last;
        }

        return (true, Rows.From(all), "");
    }

    private async Task<(bool IsRead, T Value, string Why)> Ask<T>(Shape<T> shape, string more, CancellationToken stop)
        where T : notnull
    {
        var body = $"{{\"type\":\"{shape.Name}\",\"user\":\"{user}\"{more}}}";
        var reply = await rest.AskAsync(shape.Name, Encoding.UTF8.GetBytes(body), isExit: true, stop)
            .ConfigureAwait(false);
        if (reply.Outcome != RestOutcome.Answered)
            return (false, default!, $"{shape.Name}: {reply.Why}");
        return shape.TryDecode(reply.Body, out var value, out var error)
            ? (true, value, "")
            : (false, default!, error.ToString());
    }

    private bool TryFacts(
        PerpState perp,
        SpotState? spot,
        Rows<Wire.ListedOrder> open,
        [NotNullWhen(true)] out AccountFacts? facts,
        out string why
    )
    {
        facts = null;
        why = "";
        var held = ImmutableArray.CreateBuilder<HeldPosition>();
        if (!perp.Margin.TotalRawUsd.TryRaw(out var cash))
        {
            why = new WireError(
                "clearinghouseState",
                "totalRawUsd",
                "is finer or larger than a count of 1e-8"
            ).ToString();
            return false;
        }

        foreach (var position in perp.Positions)
        {
            if (coins.FirstOrDefault(c => c.Coin == position.Coin && c.BaseToken is null) is { } coin)
                held.Add(new HeldPosition(coin.Id, position.Size, Px.Of(Cut(position.EntryPx))));
        }

        foreach (var balance in spot?.Balances ?? [])
        {
            if (!balance.Total.TryRaw(out var total))
            {
                // Dust is finer than we count; what is cut off is less than 1e-8.
                total = Cut(balance.Total);
            }

            if (balance.Coin == "USDC")
                cash += total;
            foreach (var coin in coins.Where(c => c.BaseToken == balance.Coin && total != 0))
                held.Add(new HeldPosition(coin.Id, Sz.Of(total), Px.Of(AvgOf(balance, total))));
        }

        facts = new AccountFacts(account, Usd.Of(cash), held.ToImmutable(), OpenOf(open));
        return true;
    }

    private ImmutableArray<OpenOrder> OpenOf(Rows<Wire.ListedOrder> open)
    {
        var all = ImmutableArray.CreateBuilder<OpenOrder>();
        foreach (var order in open)
        {
            if (coins.FirstOrDefault(c => c.Coin == order.Coin) is not { } coin)
                continue;
            // One without a number is another client's: the core tells people of it.
            var number = Cloid.None;
            _ = order.Cloid is { } text && AccountCoins.TryCloid(Encoding.UTF8.GetBytes(text), out number);
            all.Add(new OpenOrder(coin.Id, number));
        }

        return all.ToImmutable();
    }

    private static long AvgOf(SpotBalance balance, long total) =>
        total > 0 && Cut(balance.EntryNtl) is var paid and > 0
            ? (long)Int128.Min((Int128)paid * 100_000_000 / total, long.MaxValue)
            : 0;

    // An average may be finer than a count of 1e-8: nothing is settled by it.
    private static long Cut(Numeral number)
    {
        if (number.TryRaw(out var raw))
            return raw;
        var text = number.ToString();
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var cut = text[..Math.Min(text.Length, point + 9)];
        return Numeral.TryParse(cut, out var coarse) && coarse.TryRaw(out raw) ? raw : 0;
    }
}
