using System.Collections.Frozen;
using System.Text.Json;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Writes the answer to one kind of <c>/info</c> request; false when the request cannot be read.</summary>
internal delegate bool InfoReply(VenueState s, JsonElement request, Utf8JsonWriter json);

/// <summary>Every <c>/info</c> request that the venue answers (protocol 2). A row a request.</summary>
internal static class InfoReplies
{
    private const int MostRows = 2_000;
    private const int MostPage = 500;

    private static readonly FrozenDictionary<string, InfoReply> Table = new Dictionary<string, InfoReply>(
        StringComparer.Ordinal
    )
    {
        ["meta"] = (_, q, json) => Dex(q, json, MetaJson.Meta),
        ["allPerpMetas"] = (_, _, json) => List(json, MetaJson.Meta),
        ["metaAndAssetCtxs"] = (s, q, json) =>
            Dex(q, json, j => Pair(j, MetaJson.Meta, k => MetaJson.Contexts(k, s, Listing.perps))),
        ["spotMeta"] = (_, _, json) => Done(() => MetaJson.SpotMeta(json)),
        ["spotMetaAndAssetCtxs"] = (s, _, json) =>
            Done(() => Pair(json, MetaJson.SpotMeta, k => MetaJson.Contexts(k, s, Listing.spots))),
        ["perpDexs"] = (_, _, json) => List(json, j => j.WriteNullValue()),
        ["outcomeMeta"] = (_, _, json) => Raw(json, """{"outcomes":[],"questions":[]}"""),
        ["allMids"] = (s, q, json) => Dex(q, json, j => MetaJson.Mids(j, s)),
        ["exchangeStatus"] = (s, _, json) => Raw(json, $$"""{"time":{{s.Time}},"specialStatuses":null}"""),
        ["perpsAtOpenInterestCap"] = (_, _, json) => Raw(json, "[]"),
        ["liquidatable"] = (_, _, json) => Raw(json, "[]"),
        ["maxMarketOrderNtls"] = (_, _, json) =>
            Raw(json, """[[25,"30000000.0"],[20,"5000000.0"],[10,"2000000.0"],[1,"500000.0"]]"""),
        ["marginTable"] = (_, q, json) =>
            Asked.TryWhole(q, "id", out var id) && Done(() => MetaJson.MarginTable(json, id)),
        ["l2Book"] = Book,
        ["recentTrades"] = RecentTrades,
        ["fundingHistory"] = FundingHistory,
        ["predictedFundings"] = PredictedFundings,
        ["validatorSummaries"] = ChainJson.Validators,
        ["gossipRootIps"] = (_, _, json) => Raw(json, "[]"),
        ["validatorL1Votes"] = (_, _, json) => Raw(json, "[]"),
        ["clearinghouseState"] = (s, q, json) =>
            Asked.TryAddress(q, "user", out var user)
            && Dex(q, json, j => AccountJson.Clearinghouse(j, s, Find(s, user))),
        ["spotClearinghouseState"] = (s, q, json) => Of(s, q, a => AccountJson.Spot(json, s, a)),
        ["activeAssetData"] = Active,
        ["portfolio"] = (s, q, json) => Of(s, q, a => PortfolioJson.Write(json, s, a)),
        ["userFees"] = (s, q, json) => Of(s, q, a => FeesJson.Write(json, s, a)),
        ["userRateLimit"] = (s, q, json) => Of(s, q, a => AccountJson.RateLimit(json, s, a)),
        ["userRole"] = (s, q, json) =>
            Asked.TryAddress(q, "user", out var user) && Done(() => AccountJson.Role(json, s, user)),
        ["userAbstraction"] = (s, q, json) => Of(s, q, _ => json.WriteStringValue("default")),
        ["userDexAbstraction"] = (s, q, json) => Of(s, q, _ => json.WriteNullValue()),
        ["subAccounts"] = (s, q, json) => Of(s, q, a => FamilyJson.Subs(json, s, a, byDex: false)),
        ["subAccounts2"] = (s, q, json) => Of(s, q, a => FamilyJson.Subs(json, s, a, byDex: true)),
        ["extraAgents"] = (s, q, json) => Of(s, q, a => AccountJson.Agents(json, s, a)),
        ["maxBuilderFee"] = FamilyJson.MaxFee,
        ["approvedBuilders"] = (s, q, json) => Of(s, q, a => FamilyJson.Builders(json, a)),
        ["referral"] = (s, q, json) =>
            Asked.TryAddress(q, "user", out var user) && Done(() => FamilyJson.Referral(json, s, user, Find(s, user))),
        ["userVaultEquities"] = (s, q, json) => Of(s, q, a => FamilyJson.Equities(json, s, a)),
        ["userToMultiSigSigners"] = (s, q, json) => Of(s, q, _ => json.WriteNullValue()),
        ["openOrders"] = (s, q, json) => Orders(s, q, json, OrderJson.Open),
        ["frontendOpenOrders"] = (s, q, json) => Orders(s, q, json, OrderJson.Full),
        ["orderStatus"] = OrderStatus,
        ["historicalOrders"] = (s, q, json) =>
            Of(s, q, a => Newest(json, a?.Orders, MostRows, (j, o) => OrderJson.Historical(j, OrderRow.Of(o), true))),
        ["userFills"] = (s, q, json) =>
            Asked.TryOptionalFlag(q, "aggregateByTime", out var merges)
            && Of(s, q, a => Newest(json, Fills(a, merges), MostRows, OrderJson.Fill)),
        ["userFillsByTime"] = FillsByTime,
        ["userFunding"] = (s, q, json) =>
            Span(s, q, json, a => a.Fundings, f => f.Time, (j, f) => OrderJson.Funding(j, f, true)),
        ["userNonFundingLedgerUpdates"] = (s, q, json) =>
            Span(s, q, json, a => a.Ledger, r => r.Time, LedgerJson.Write),
        ["userTwapSliceFills"] = (s, q, json) =>
            Of(s, q, a => Newest(json, TwapJson.Slices(a?.Fills), MostRows, TwapJson.Slice)),
        ["userTwapSliceFillsByTime"] = (s, q, json) =>
            Span(s, q, json, a => TwapJson.Slices(a.Fills), f => f.Time, TwapJson.Slice, MostRows),
        ["twapHistory"] = (s, q, json) =>
            Of(s, q, a => Newest(json, a?.TwapHistory, MostRows, (j, r) => TwapJson.Row(j, s, r))),
        ["delegations"] = (s, q, json) => Of(s, q, _ => Raw(json, "[]")),
        ["webData2"] = (s, q, json) =>
            Asked.TryAddress(q, "user", out var user) && Done(() => WebJson.Data2(json, s, user, Find(s, user))),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Writes the answer to a request; false when it cannot be read or is not known.</summary>
    public static bool TryWrite(VenueState s, JsonElement request, Utf8JsonWriter json) =>
        Asked.TryText(request, "type", out var type)
        && Table.TryGetValue(type, out var reply)
        && reply(s, request, json);

    /// <summary>The account of an address; null where there is none.</summary>
    public static VenueAccount? Find(VenueState s, string address) => s.ByAddress.GetValueOrDefault(address);

    /// <summary>An account's fills, those of one taker and block as one where <paramref name="merges"/>.</summary>
    public static List<VenueFill> Fills(VenueAccount? a, bool merges) =>
        a is null ? []
        : merges ? VenueFills.merged(a.Fills)
        : a.Fills;

    /// <summary>The last rows, newest first.</summary>
    public static void Newest<T>(Utf8JsonWriter json, List<T>? rows, int most, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray();
        for (var i = (rows?.Count ?? 0) - 1; i >= 0 && most > 0; i--, most--)
            write(json, rows![i]);
        json.WriteEndArray();
    }

    private static bool Book(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        if (!Asked.TryText(q, "coin", out var coin) || !BookShape.TryRead(q, out var shape))
            return false;
        var market = Listing.ofCoin(coin);
        if (market.IsNone)
            json.WriteNullValue();
        else
            BookJson.Book(json, s, market.Value, shape, isFast: false);
        return true;
    }

    private static bool RecentTrades(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        if (!Asked.TryText(q, "coin", out var coin))
            return false;
        var market = Listing.ofCoin(coin);
        Newest(json, market.IsNone ? null : s.Markets[market.Value.Id].Trades, 30, BookJson.Trade);
        return true;
    }

    private static bool FundingHistory(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        if (
            !Asked.TryText(q, "coin", out var coin)
            || !Asked.TryOptionalWhole(q, "startTime", 0, out var from)
            || !Asked.TryOptionalWhole(q, "endTime", s.Time, out var until)
        )
            return false;
        var market = Listing.ofCoin(coin);
        json.WriteStartArray();
        if (market.IsSome && !market.Value.IsSpot)
        {
            foreach (var f in Engine.fundings(s, market.Value, from, until, MostPage))
            {
                json.WriteStartObject();
                json.WriteString("coin", coin);
                json.WriteRate("fundingRate", f.Rate, 12);
                json.WriteRate("premium", f.Premium, 12);
                json.WriteNumber("time", f.Time);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        return true;
    }

    private static bool PredictedFundings(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var m in Listing.perps)
        {
            json.WriteStartArray();
            json.WriteStringValue(m.Coin);
            json.WriteStartArray();
            json.WriteStartArray();
            json.WriteStringValue("HlPerp");
            json.WriteStartObject();
            json.WriteRate("fundingRate", s.Markets[m.Id].FundingRate, 12);
            json.WriteNumber("nextFundingTime", s.NextFunding);
            json.WriteNumber("fundingIntervalHours", 1);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndArray();
            json.WriteEndArray();
        }

        json.WriteEndArray();
        return true;
    }

    private static bool Active(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        if (!Asked.TryAddress(q, "user", out var user) || !Asked.TryText(q, "coin", out var coin))
            return false;
        var market = Listing.ofCoin(coin);
        if (market.IsNone || market.Value.IsSpot)
            json.WriteNullValue();
        else
            AccountJson.Active(json, s, user, Find(s, user), market.Value);
        return true;
    }

    private static bool Orders(VenueState s, JsonElement q, Utf8JsonWriter json, Action<Utf8JsonWriter, OrderRow> write)
    {
        if (!Asked.TryAddress(q, "user", out var user) || !Asked.TryOptionalText(q, "dex", out var dex))
            return false;
        OpenOrders.Write(json, dex.Length == 0 ? Find(s, user) : null, write);
        return true;
    }

    private static bool OrderStatus(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        if (!Asked.TryAddress(q, "user", out var user) || q.TryGetProperty("oid", out var oid) is false)
            return false;
        OrderName name;
        if (oid.ValueKind == JsonValueKind.Number && oid.TryGetInt64(out var number))
            name = new OrderName(number, null);
        else if (oid.ValueKind == JsonValueKind.String)
            name = new OrderName(0, oid.GetString()!.ToLowerInvariant());
        else
            return false;
        var found = Find(s, user)?.Find(name);
        json.WriteStartObject();
        json.WriteString("status", found is null ? "unknownOid" : "order");
        if (found is not null)
        {
            json.WritePropertyName("order");
            OrderJson.Historical(json, OrderRow.Of(found), isFull: true);
        }

        json.WriteEndObject();
        return true;
    }

    private static bool FillsByTime(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        if (
            !Asked.TryAddress(q, "user", out var user)
            || !Asked.TryWhole(q, "startTime", out var from)
            || !Asked.TryOptionalWhole(q, "endTime", long.MaxValue, out var until)
            || !Asked.TryOptionalFlag(q, "reversed", out var reversed)
            || !Asked.TryOptionalFlag(q, "aggregateByTime", out var merges)
        )
            return false;
        var rows = Fills(Find(s, user), merges).Where(f => f.Time >= from && f.Time <= until);
        json.WriteStartArray();
        foreach (var f in (reversed ? rows.Reverse() : rows).Take(MostRows))
            OrderJson.Fill(json, f);
        json.WriteEndArray();
        return true;
    }

    private static bool Span<T>(
        VenueState s,
        JsonElement q,
        Utf8JsonWriter json,
        Func<VenueAccount, List<T>> rows,
        Func<T, long> time,
        Action<Utf8JsonWriter, T> write,
        int most = MostPage
    )
    {
        if (
            !Asked.TryAddress(q, "user", out var user)
            || !Asked.TryOptionalWhole(q, "startTime", 0, out var from)
            || !Asked.TryOptionalWhole(q, "endTime", long.MaxValue, out var until)
        )
            return false;
        var all = Find(s, user) is { } a ? rows(a) : [];
        json.WriteStartArray();
        foreach (var row in all.Where(r => time(r) >= from && time(r) <= until).Take(most))
            write(json, row);
        json.WriteEndArray();
        return true;
    }

    private static bool Of(VenueState s, JsonElement q, Action<VenueAccount?> write)
    {
        if (!Asked.TryAddress(q, "user", out var user))
            return false;
        write(Find(s, user));
        return true;
    }

    /// <summary>Of the first dex; another one is not there.</summary>
    private static bool Dex(JsonElement q, Utf8JsonWriter json, Action<Utf8JsonWriter> write)
    {
        if (!Asked.TryOptionalText(q, "dex", out var dex))
            return false;
        if (dex.Length == 0)
            write(json);
        else
            json.WriteNullValue();
        return true;
    }

    private static bool List(Utf8JsonWriter json, Action<Utf8JsonWriter> one)
    {
        json.WriteStartArray();
        one(json);
        json.WriteEndArray();
        return true;
    }

    private static void Pair(Utf8JsonWriter json, Action<Utf8JsonWriter> first, Action<Utf8JsonWriter> second)
    {
        json.WriteStartArray();
        first(json);
        second(json);
        json.WriteEndArray();
    }

    private static bool Raw(Utf8JsonWriter json, string text)
    {
        json.WriteRawValue(text, skipInputValidation: true);
        return true;
    }

    private static bool Done(System.Action write)
    {
        write();
        return true;
    }
}
