using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid;
using Vrlg.Core;

namespace Vrlg.Shell.Conformance;

/// <summary>
/// Orders of the account's own key: placed, cancelled, refused for every reason that needs no luck, and 15 USD bought and sold back.
/// What a trading key never signs (modify, transfers, approvals) is not in it.
/// </summary>
internal sealed class SignedCycle(
    VenueLine line,
    Findings findings,
    TradingKey key,
    Nonces nonces,
    string user,
    CancellationToken stop
)
{
    private const long One = 100_000_000;
    private const long DayMs = 86_400_000;
    private const string Coin = "BTC";

    private readonly long run = RandomNumber();
    private long number;
    private ulong last;
    private long bid;
    private long ask;
    private long lot;
    private int asset;

    /// <summary>All of it; begins and ends without an order of its own at work.</summary>
    public async Task All()
    {
        using (var role = await Info($$"""{"type":"userRole","user":"{{user}}"}""").ConfigureAwait(false))
        {
            if (Exchange.Member(role.RootElement, "role").ToString() is "missing" or "agent")
            {
                findings.Add("signed cycle", "account", "an account with money", $"{user} is none");
                return;
            }
        }

        if (!await Look().ConfigureAwait(false))
        {
            findings.Add("signed cycle", "market", $"a book and facts of {Coin}", "none");
            return;
        }

        await Resting().ConfigureAwait(false);
        await Refusals().ConfigureAwait(false);
        await Whole().ConfigureAwait(false);
        await Crossing().ConfigureAwait(false);
    }

    private static long RandomNumber() => System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, int.MaxValue);

    // A whole number is a valid price of any perpetual.
    private long Low => bid * 9 / 10 / One * One;

    private long Above => (ask * 105 / 100 / One + 1) * One;

    private long Below => bid * 95 / 100 / One * One;

    private async Task<bool> Look()
    {
        using var meta = await Info("""{"type":"meta"}""").ConfigureAwait(false);
        using var book = await Info($$"""{"type":"l2Book","coin":"{{Coin}}"}""").ConfigureAwait(false);
        var universe = Exchange.Member(meta.RootElement, "universe");
        asset =
            universe.ValueKind == JsonValueKind.Array
                ? universe.EnumerateArray().ToList().FindIndex(a => Exchange.Member(a, "name").ToString() == Coin)
                : -1;
        if (asset < 0 || !universe[asset].GetProperty("szDecimals").TryGetInt32(out var decimals))
            return false;
        lot = One;
        for (var i = 0; i < decimals; i++)
            lot /= 10;
        var levels = Exchange.Member(book.RootElement, "levels");
        return levels.ValueKind == JsonValueKind.Array
            && TryBest(levels[0], out bid)
            && TryBest(levels[1], out ask)
            && Low > 0
            && lot > 0;
    }

    private static bool TryBest(JsonElement side, out long raw)
    {
        raw = 0;
        if (side.GetArrayLength() == 0)
            return false;
        var parsed = Exact.parse(Exchange.Member(side[0], "px").ToString());
        raw = parsed.IsOk ? parsed.ResultValue : 0;
        return raw > 0;
    }

    private async Task Resting()
    {
        var first = Order(Side.Buy, Low, Tif.Alo);
        var oid = await Place("place a post-only order", first, "resting").ConfigureAwait(false);
        await Known(first.Cloid, oid).ConfigureAwait(false);
        var cancel = new TradingAction.Cancel([new CancelRequest(asset, oid)]);
        await Act("cancel by number", cancel, "success").ConfigureAwait(false);
        await Act("cancel once more", cancel, "Order was never placed, already canceled, or filled.")
            .ConfigureAwait(false);
        var second = Order(Side.Buy, Low, Tif.Gtc);
        await Place("place an order", second, "resting").ConfigureAwait(false);
        var byName = new TradingAction.CancelByCloid([new CancelByCloidRequest(asset, second.Cloid)]);
        await Act("cancel by our number", byName, "success").ConfigureAwait(false);
    }

    private async Task Known(Cloid cloid, long oid)
    {
        foreach (var name in (string[])[$"{oid}", $"\"{cloid}\""])
        {
            findings.Count();
            var request = $"orderStatus of {(name[0] == '"' ? "our number" : "the venue's number")}";
            using var status = await Info($$"""{"type":"orderStatus","user":"{{user}}","oid":{{name}}}""")
                .ConfigureAwait(false);
            findings.Form(request, "orderStatus", status.RootElement);
            findings.Text(request, "status", "order", Exchange.Member(status.RootElement, "status").ToString());
        }

        foreach (var type in (string[])["openOrders", "frontendOpenOrders"])
        {
            findings.Count();
            using var open = await Info($$"""{"type":"{{type}}","user":"{{user}}"}""").ConfigureAwait(false);
            findings.Form($"{type} with an order", type, open.RootElement);
            if (!open.RootElement.GetRawText().Contains($"{oid}", StringComparison.Ordinal))
                findings.Add($"{type} with an order", "rows", $"the order {oid}", "it is not there");
        }
    }

    private async Task Refusals()
    {
        await Place(
                "off the tick",
                Order(Side.Buy, Low + One / 2 + One / 4, Tif.Gtc),
                "Price must be divisible by tick size."
            )
            .ConfigureAwait(false);
        await Place(
                "too fine a size",
                Order(Side.Buy, Low, Tif.Gtc) with
                {
                    Sz = Sz.Of(Size(Low) + lot / 10),
                },
                "Order has invalid size."
            )
            .ConfigureAwait(false);
        await Place(
                "below the minimum",
                Order(Side.Buy, Low, Tif.Gtc) with
                {
                    Sz = Sz.Of(lot),
                },
                "Order must have minimum value of $10."
            )
            .ConfigureAwait(false);
        await Place(
                "post-only that crosses",
                Order(Side.Buy, Above, Tif.Alo),
                "Post only order would have immediately matched, bbo was"
            )
            .ConfigureAwait(false);
        await Place(
                "immediate that meets nothing",
                Order(Side.Buy, Low, Tif.Ioc),
                "Order could not immediately match against any resting orders."
            )
            .ConfigureAwait(false);
        var isShort = await IsShort().ConfigureAwait(false);
        var more = isShort ? Order(Side.Sell, Above, Tif.Gtc) : Order(Side.Buy, Low, Tif.Gtc);
        await Place(
                "reduce-only that adds",
                more with
                {
                    ReduceOnly = true,
                },
                "Reduce only order would increase position."
            )
            .ConfigureAwait(false);
    }

    private async Task<bool> IsShort()
    {
        using var state = await Info($$"""{"type":"clearinghouseState","user":"{{user}}"}""").ConfigureAwait(false);
        var positions = Exchange.Member(state.RootElement, "assetPositions");
        return positions.ValueKind == JsonValueKind.Array
            && positions
                .EnumerateArray()
                .Select(p => Exchange.Member(p, "position"))
                .Any(p =>
                    Exchange.Member(p, "coin").ToString() == Coin
                    && Exchange.Member(p, "szi").ToString().StartsWith('-')
                );
    }

    // Actions that are taken or refused as a whole.
    private async Task Whole()
    {
        await Act("noop", new TradingAction.Noop(), "").ConfigureAwait(false);
        var used = last;
        await Act("a nonce again", new TradingAction.Noop(), $"Invalid nonce: duplicate nonce {used}", used)
            .ConfigureAwait(false);
        await Act("a nonce of next week", new TradingAction.Noop(), "Invalid nonce: nonce too high", used + 3 * DayMs)
            .ConfigureAwait(false);
        await Act("a nonce of last week", new TradingAction.Noop(), "Invalid nonce: nonce too low", used - 7 * DayMs)
            .ConfigureAwait(false);
        var late = new TradingAction.Place([Order(Side.Buy, Low, Tif.Gtc)]);
        await Act("an order that comes too late", late, "Action already expired", null, used - DayMs)
            .ConfigureAwait(false);
        await Act("no scheduled cancel", new TradingAction.ScheduleCancel(null), "").ConfigureAwait(false);
        using var data = await Info($$"""{"type":"activeAssetData","user":"{{user}}","coin":"{{Coin}}"}""")
            .ConfigureAwait(false);
        var leverage = Exchange.Member(data.RootElement, "leverage");
        // Set to what it is.
        if (
            Exchange.Member(leverage, "type").ToString() == "cross"
            && Exchange.Member(leverage, "value") is { ValueKind: JsonValueKind.Number } value
            && value.TryGetInt32(out var times)
            && times <= key.Policy.MostLeverage
        )
            await Act("leverage", new TradingAction.UpdateLeverage(asset, true, times), "").ConfigureAwait(false);
    }

    private async Task Crossing()
    {
        // Away from what is held first: the way back then only reduces, and where the way there failed opens nothing.
        var buy = Order(Side.Buy, Above, Tif.Ioc);
        var sell = Order(Side.Sell, Below, Tif.Ioc);
        var isShort = await IsShort().ConfigureAwait(false);
        var back = (isShort ? buy : sell) with { ReduceOnly = true };
        await Place(isShort ? "sell at once" : "buy at once", isShort ? sell : buy, "filled").ConfigureAwait(false);
        await Place(isShort ? "buy back" : "sell back", back, "filled").ConfigureAwait(false);
        findings.Count();
        using var fills = await Info($$"""{"type":"userFills","user":"{{user}}"}""").ConfigureAwait(false);
        findings.Form("userFills after a trade", "userFills", fills.RootElement);
        if (!fills.RootElement.GetRawText().Contains(back.Cloid.ToString(), StringComparison.Ordinal))
            findings.Add("userFills after a trade", "rows", $"a fill of {back.Cloid}", "it is not there");
    }

    // One size for all: worth 15 USD at the low price, and so above the minimum at every other one.
    private OrderRequest Order(Side side, long px, Tif tif) =>
        new(asset, side, Px.Of(px), Sz.Of(Size(Low)), tif, false, new Cloid(run, ++number), default);

    private long Size(long px) => (long)((((Int128)15 * One * One / px) + lot - 1) / lot * lot);

    private async Task<long> Place(string name, OrderRequest order, string expected)
    {
        using var reply = await Act(name, new TradingAction.Place([order]), expected).ConfigureAwait(false);
        return reply is null ? 0 : Exchange.FirstOid(reply.RootElement);
    }

    private async Task<JsonDocument?> Act(
        string name,
        TradingAction action,
        string expected,
        ulong? with = null,
        ulong? expires = null
    )
    {
        findings.Count();
        findings.WithKey++;
        var into = new ArrayBufferWriter<byte>();
        var nonce = with ?? 0;
        if (with is null && !nonces.TryNext(out nonce, out var trouble))
        {
            findings.Add(name, "our nonces", "another one", trouble);
            return null;
        }

        last = nonce;
        if (key.TrySign(action, nonce, expires, into) is { } refusal)
        {
            findings.Add(name, "our key", "signs it", refusal);
            return null;
        }

        var answer = await line.Post("/exchange", into.WrittenMemory, "application/json", stop).ConfigureAwait(false);
        if (answer.Status != 200)
        {
            findings.Add(name, "status", "200", $"{answer.Status} {answer.Text}");
            return null;
        }

        var reply = Parse(answer.Body);
        findings.Form(name, "exchange", reply.RootElement);
        findings.Readable(name, Vrlg.Adapters.Hyperliquid.Wire.Info.Exchange, answer.Body);
        if (expected.Length == 0)
            findings.Text(
                name,
                "response",
                "default",
                Exchange.Type(reply.RootElement) + " " + reply.RootElement.GetRawText()
            );
        else
            findings.Text(name, "status", expected, Exchange.First(reply.RootElement));
        return reply;
    }

    private async Task<JsonDocument> Info(string body)
    {
        var answer = await line.Post("/info", Encoding.UTF8.GetBytes(body), "application/json", stop)
            .ConfigureAwait(false);
        return Parse(answer.Body);
    }

    private static JsonDocument Parse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return JsonDocument.Parse("null");
        }
    }
}
