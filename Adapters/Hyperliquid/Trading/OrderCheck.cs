using System.Text;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>How a check of the way of orders ended.</summary>
public enum CheckEnd
{
    /// <summary>An order was placed, found and cancelled.</summary>
    Done,

    /// <summary>Something of ours keeps it from being tried.</summary>
    NotTried,

    /// <summary>The venue could not be reached, or does not speak as the protocol says.</summary>
    Unreachable,

    /// <summary>The venue refused the order or the cancel.</summary>
    Refused,

    /// <summary>Whether an order stands at the venue is not known: look at the account.</summary>
    InDoubt,
}

/// <summary>What happened.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Steps">Sentences, in order.</param>
/// <param name="Order">The order that was to be placed; null before it was made.</param>
/// <param name="Oid">The venue's number of it; 0 while it told none.</param>
/// <param name="AckMs">From sending to the answer; 0 without one.</param>
public sealed record CheckReport(
    CheckEnd End,
    IReadOnlyList<string> Steps,
    OrderRequest? Order,
    long Oid,
    double AckMs
);

/// <summary>
/// Places one post-only order of the least size at half the market's price, asks for it by our number, cancels it, and asks again.
/// </summary>
public sealed class OrderCheck(TradingKey key, Nonces nonces, IVenueRest rest, RunClock clock)
{
    /// <summary>The words of a refusal that comes of signing for a network that is not the venue's.</summary>
    public const string OtherNetwork = "it takes signatures of another network";

    private static readonly Duration Lifetime = Duration.OfMs(10_000);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly Usd Worth = Usd.Of(1_100_000_000);
    private const int Looks = 50;
    private const int CancelEvery = 10;

    private readonly List<string> steps = [];
    private readonly VenueClock venue = new(clock);
    private readonly DirectActions actions = new(key, nonces, rest);
    private OrderRequest? order;
    private long oid;
    private double ackMs;

    /// <summary>
    /// Tries it with a perpetual. Once for an object. <paramref name="stop"/> is heeded until the order is placed: from then on it is
    /// cancelled first, which takes less than a minute.
    /// </summary>
    public async Task<CheckReport> RunAsync(string coin, CancellationToken stop)
    {
        try
        {
            return await TryAsync(coin, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Ended(CheckEnd.NotTried, "stopped before an order was placed");
        }
    }

    private async Task<CheckReport> TryAsync(string coin, CancellationToken stop)
    {
        var (apart, isSilent) = await rest.SettleTimeAsync(venue, clock, stop).ConfigureAwait(false);
        if (apart is not null)
            return Ended(isSilent ? CheckEnd.Unreachable : CheckEnd.NotTried, apart);
        // A key that is unknown there goes on: the venue's refusal says the most about it.
        var role = await SignerRole.AskAsync(rest, key, stop).ConfigureAwait(false);
        if (role.Stranger is { } stranger)
            return Ended(CheckEnd.NotTried, stranger);
        var (listed, unlisted) = await ListedAsset
            .FindPerpAsync(rest, coin, new InstrumentId(0), stop)
            .ConfigureAwait(false);
        if (listed is null)
            return Ended(CheckEnd.NotTried, unlisted);
        var body = Encoding.UTF8.GetBytes($"{{\"type\":\"l2Book\",\"coin\":\"{coin}\"}}");
        var (reply, unread) = await rest.AskAsync(Info.L2Book, body, stop).ConfigureAwait(false);
        if (reply is null)
            return Ended(CheckEnd.Unreachable, unread);
        if (reply.Book is not { Bids.Count: > 0 } book)
            return Ended(CheckEnd.NotTried, $"{coin} has no bids at the venue: there is no price to stay away from");
        if (!TryOrder(listed, book.Bids[0].Px, out var wanted))
            return Ended(CheckEnd.NotTried, $"{coin} has no size of {Worth} USD at half of {book.Bids[0].Px}");
        stop.ThrowIfCancellationRequested();
        order = wanted;
        steps.Add($"placing {wanted.Sz} {coin} at {wanted.Px}, post-only, as {wanted.Cloid}");
        return await PlaceAsync(wanted).ConfigureAwait(false);
    }

    private bool TryOrder(ListedAsset listed, Px bid, out OrderRequest wanted)
    {
        var px = InstrumentModule.floorPx(listed.Instrument, bid.Raw / 2);
        var lot = InstrumentModule.lot(listed.Instrument);
        var lots = px.Raw <= 0 ? 0 : (Int128)Worth.Raw * 100_000_000 / px.Raw / lot + 1;
        wanted = new OrderRequest(
            listed.Asset.Asset,
            Side.Buy,
            px,
            Sz.Of((long)Int128.Min(lots * lot, long.MaxValue)),
            Tif.Alo,
            false,
            new Cloid(venue.LastHeard.Ns / 1_000_000, 1),
            default
        );
        return lots > 0;
    }

    private async Task<CheckReport> PlaceAsync(OrderRequest wanted)
    {
        _ = venue.TryNow(out var now, out _);
        var until = now + Lifetime;
        var sent = clock.GetTimestamp();
        var (reply, mayBeTaken, why) = await actions
            .SendAsync(new TradingAction.Place([wanted]), (ulong)(until.Ns / 1_000_000), CancellationToken.None)
            .ConfigureAwait(false);
        ackMs = reply is null ? 0 : clock.GetElapsedTime(sent).TotalMilliseconds;
        switch (reply)
        {
            case null when mayBeTaken:
                steps.Add($"no answer: {why}");
                return await ResolveAsync(wanted, until).ConfigureAwait(false);
            case null:
                return Ended(CheckEnd.Unreachable, $"not sent: {why}");
            case ExchangeReply.Failed failed:
                return Ended(CheckEnd.Refused, Meaning(VenueWords.Of(failed.Text)));
            case ExchangeReply.Statuses statuses when statuses.StatusOf(0, 1) is ItemStatus.Error error:
                return Ended(CheckEnd.Refused, $"the venue refused the order: {VenueWords.Of(error.Text)}");
            case ExchangeReply.Statuses statuses when statuses.StatusOf(0, 1) is ItemStatus.Resting resting:
                oid = resting.Oid;
                steps.Add(FormattableString.Invariant($"the order rests as {oid}; answered after {ackMs:0} ms"));
                return await CancelAsync(wanted).ConfigureAwait(false);
            default:
                steps.Add("the venue's answer says neither that it rests nor that it was refused");
                return await ResolveAsync(wanted, until).ConfigureAwait(false);
        }
    }

    // Until the venue's time is past the order's, or its fate is told.
    private async Task<CheckReport> ResolveAsync(OrderRequest wanted, Instant until)
    {
        for (var i = 0; i < Looks; i++)
        {
            await Task.Delay(Pause, clock, CancellationToken.None).ConfigureAwait(false);
            if (await rest.AskTimeAsync(venue, clock, CancellationToken.None).ConfigureAwait(false) is not null)
                continue;
            var asOf = venue.LastHeard;
            var status = await StatusAsync(wanted).ConfigureAwait(false);
            if (status == "open")
            {
                steps.Add("asked for by our number, the order rests");
                return await CancelAsync(wanted).ConfigureAwait(false);
            }

            if (status is not (null or ""))
                return Ended(CheckEnd.Refused, $"asked for by our number, the order is {status}");
            if (status == "" && asOf.Ns > until.Ns + Duration.OfMs(1_000).Ns)
                return Ended(CheckEnd.Unreachable, "the order never arrived, and cannot arrive any more");
        }

        return Ended(
            CheckEnd.InDoubt,
            $"it is not known whether {wanted.Cloid} stands at the venue: look at the account"
        );
    }

    private async Task<CheckReport> CancelAsync(OrderRequest wanted)
    {
        for (var i = 0; i < Looks; i++)
        {
            // Again where the order stands all the same: of a cancel without an answer nobody knows where it went.
            if (i % CancelEvery == 0)
                await SendCancelAsync(wanted).ConfigureAwait(false);
            switch (await StatusAsync(wanted).ConfigureAwait(false))
            {
                case "canceled":
                    return Ended(CheckEnd.Done, "the order is cancelled");
                case "open" or "" or null:
                    await Task.Delay(Pause, clock, CancellationToken.None).ConfigureAwait(false);
                    break;
                case var other:
                    return Ended(CheckEnd.Refused, $"the order ended otherwise: {other}");
            }
        }

        return Ended(CheckEnd.InDoubt, $"{wanted.Cloid} may still stand at the venue: look at the account");
    }

    private async Task SendCancelAsync(OrderRequest wanted)
    {
        var cancel = new TradingAction.CancelByCloid([new CancelByCloidRequest(wanted.Asset, wanted.Cloid)]);
        var (reply, _, why) = await actions.SendAsync(cancel, null, CancellationToken.None).ConfigureAwait(false);
        switch (reply)
        {
            case ExchangeReply.Statuses statuses when statuses.StatusOf(0, 1) is ItemStatus.Error error:
                steps.Add($"the venue refused the cancel: {VenueWords.Of(error.Text)}");
                break;
            case ExchangeReply.Failed failed:
                steps.Add($"the venue refused the cancel: {VenueWords.Of(failed.Text)}");
                break;
            case null:
                steps.Add($"the cancel has no answer: {why}");
                break;
        }
    }

    // The venue's word; empty where it does not know the order, null where it did not answer.
    private async Task<string?> StatusAsync(OrderRequest wanted)
    {
        var body = Question.Of("orderStatus", key.Policy.Account, wanted.Cloid);
        var (said, _) = await rest.AskAsync(Info.OrderStatus, body, CancellationToken.None).ConfigureAwait(false);
        return said is null ? null : said.Order?.Status ?? "";
    }

    // A signature that fits another network recovers to an address that nobody has.
    private string Meaning(string text)
    {
        var said = $"the venue refused the action: {text}";
        if (!text.Contains("does not exist", StringComparison.Ordinal))
            return said;
        var network = key.Policy.IsMainnet ? "mainnet" : "testnet";
        return text.Contains(key.Signer.ToString(), StringComparison.OrdinalIgnoreCase)
            ? $"{said} The address of this key has no funds there and is nobody's API wallet"
            : $"{said} It read another signer than {key.Signer}: {OtherNetwork} than {network}";
    }

    private CheckReport Ended(CheckEnd end, string sentence)
    {
        steps.Add(sentence);
        return new CheckReport(end, steps, order, oid, ackMs);
    }
}
