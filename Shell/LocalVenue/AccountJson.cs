using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What accounts hold and owe (protocol 2.2). An unknown address has nothing: numbers are 0.0, lists empty.</summary>
internal static class AccountJson
{
    /// <summary>clearinghouseState.</summary>
    public static void Clearinghouse(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        var m = a is null ? default : Figures.margins(s, a.Index);
        json.WriteStartObject();
        Summary(
            json,
            "marginSummary",
            m.Whole,
            m.Notional + m.IsolatedNotional,
            m.Raw + m.IsolatedRaw,
            m.Used + m.IsolatedValue
        );
        Summary(json, "crossMarginSummary", m.Value, m.Notional, m.Raw, m.Used);

        json.WriteAmount("crossMaintenanceMarginUsed", m.Maintenance);
        json.WriteAmount("withdrawable", m.Withdrawable);
        json.WriteStartArray("assetPositions");
        if (a is not null)
        {
            foreach (var p in Figures.positions(s, a))
                Position(json, p);
        }

        json.WriteEndArray();
        json.WriteNumber("time", s.Time);
        json.WriteEndObject();
    }

    /// <summary>spotClearinghouseState.</summary>
    public static void Spot(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        json.WriteStartObject();
        json.WriteStartArray("balances");
        if (a is not null)
        {
            foreach (var t in Listing.tokens)
            {
                var total = VenueStateModule.spotTotal(s, a.Index, t.Index);
                if (total == 0 && t.Index != 0)
                    continue;
                var market = Listing.ofToken(t.Index);
                json.WriteStartObject();
                json.WriteString("coin", t.Name);
                json.WriteNumber("token", t.Index);
                json.WriteAmount("total", total);
                json.WriteAmount("hold", VenueStateModule.spotHold(s, a.Index, t.Index));
                json.WriteAmount("entryNtl", market.IsNone ? 0 : Math.Max(0, a.Cost(market.Value.Id).Value));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>activeAssetData.</summary>
    public static void Active(Utf8JsonWriter json, VenueState s, string user, VenueAccount? a, Listed m)
    {
        var mark = s.Markets[m.Id].Mark;
        var leverage = a is null ? Math.Min(20, m.Rules.MaxLeverage) : Figures.leverage(s, a.Index, m);
        var free = a is null ? 0 : Math.Max(0, Figures.margins(s, a.Index).Value - Figures.margins(s, a.Index).Used);
        var size = (long)((Int128)free * leverage * 100_000_000 / Math.Max(1, mark));
        var lot = Vrlg.Core.InstrumentModule.lot(m.Rules);
        size -= size % lot;
        json.WriteStartObject();
        json.WriteString("user", user);
        json.WriteString("coin", m.Coin);
        Leverage(json, leverage, a is not null && Figures.isIsolated(s, a.Index, m), Raw(s, a, m));
        Pair(json, "maxTradeSzs", size);
        Pair(json, "availableToTrade", free);
        json.WriteAmount("markPx", mark);
        json.WriteEndObject();
    }

    /// <summary>userRateLimit.</summary>
    public static void RateLimit(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        json.WriteStartObject();
        json.WriteAmount("cumVlm", a is null ? 0 : a.Volume);
        json.WriteNumber("nRequestsUsed", a is null ? 0 : Math.Max(0, a.Used - a.Reserved));
        json.WriteNumber("nRequestsCap", a is null ? 10_000 : Figures.allowance(s, a.Index));
        json.WriteNumber("nRequestsSurplus", a is null ? 0 : Math.Max(0, a.Reserved - a.Used));
        json.WriteEndObject();
    }

    /// <summary>userRole.</summary>
    public static void Role(Utf8JsonWriter json, VenueState s, string user)
    {
        json.WriteStartObject();
        if (s.Agents.TryGetValue(user, out var master))
        {
            json.WriteString("role", "agent");
            json.WriteStartObject("data");
            json.WriteString("user", master.Address);
            json.WriteEndObject();
        }
        else
        {
            var own = s.ByAddress.GetValueOrDefault(user);
            json.WriteString("role", RoleOf(own));
            if (own?.Master is { } owner)
            {
                json.WriteStartObject("data");
                json.WriteString("master", owner.Address);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    }

    /// <summary>extraAgents: named wallets only, none past its end.</summary>
    public static void Agents(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        json.WriteStartArray();
        foreach (var (name, address, until) in a?.Agents ?? [])
        {
            if (name.Length == 0 || until < s.Time)
                continue;
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("address", address);
            json.WriteNumber("validUntil", until);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Position(Utf8JsonWriter json, PositionView p)
    {
        json.WriteStartObject();
        json.WriteString("type", "oneWay");
        json.WriteStartObject("position");
        json.WriteString("coin", p.Market.Coin);
        json.WriteAmount("szi", p.Szi);
        Leverage(json, p.Leverage, p.IsIsolated, p.Raw);
        json.WriteAmount("entryPx", p.Entry);
        json.WriteAmount("positionValue", p.Worth);
        json.WriteAmount("unrealizedPnl", p.Unrealised);
        json.WriteRate("returnOnEquity", p.Returns, 10);
        if (p.Liquidation == 0)
            json.WriteNull("liquidationPx");
        else
            json.WriteAmount("liquidationPx", p.Liquidation);
        json.WriteAmount("marginUsed", p.Used);
        json.WriteNumber("maxLeverage", p.Market.Rules.MaxLeverage);
        json.WriteStartObject("cumFunding");
        json.WriteAmount("allTime", p.Cost.AllTime);
        json.WriteAmount("sinceOpen", p.Cost.SinceOpen);
        json.WriteAmount("sinceChange", p.Cost.SinceChange);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Leverage(Utf8JsonWriter json, long leverage, bool isIsolated, long raw)
    {
        json.WriteStartObject("leverage");
        json.WriteString("type", isIsolated ? "isolated" : "cross");
        json.WriteNumber("value", leverage);
        if (isIsolated)
            json.WriteAmount("rawUsd", raw);
        json.WriteEndObject();
    }

    private static long Raw(VenueState s, VenueAccount? a, Listed m) =>
        a is null ? 0 : Figures.isolatedRaw(s, a.Index, m);

    private static string RoleOf(VenueAccount? a) =>
        a switch
        {
            null => "missing",
            { Master: not null } => "subAccount",
            { Index: 0 } => "vault",
            _ => "user",
        };

    private static void Summary(Utf8JsonWriter json, string name, long value, long notional, long raw, long used)
    {
        json.WriteStartObject(name);
        json.WriteAmount("accountValue", value);
        json.WriteAmount("totalNtlPos", notional);
        json.WriteAmount("totalRawUsd", raw);
        json.WriteAmount("totalMarginUsed", used);
        json.WriteEndObject();
    }

    private static void Pair(Utf8JsonWriter json, string name, long value)
    {
        json.WriteStartArray(name);
        json.WriteAmountValue(value);
        json.WriteAmountValue(value);
        json.WriteEndArray();
    }
}
