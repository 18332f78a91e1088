using System.Text.Json;
using Vrlg.Core;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Orders, fills and what else moved an account (protocol 2.3).</summary>
internal static class OrderJson
{
    /// <summary>OpenOrder.</summary>
    public static void Open(Utf8JsonWriter json, OrderRow row)
    {
        json.WriteStartObject();
        Common(json, row);
        if (row.Order!.Ask.Cloid is { } cloid)
            json.WriteString("cloid", cloid);
        if (row.Order!.Ask.ReduceOnly)
            json.WriteBoolean("reduceOnly", true);
        json.WriteEndObject();
    }

    /// <summary>FrontendOrder.</summary>
    public static void Full(Utf8JsonWriter json, OrderRow row)
    {
        var o = row.Order!;
        json.WriteStartObject();
        Common(json, row);
        json.WriteString("triggerCondition", Condition(o));
        json.WriteBoolean("isTrigger", o.IsTrigger);
        json.WriteAmount("triggerPx", o.IsTrigger ? o.Ask.Trigger.Value.Px : 0);
        json.WriteStartArray("children");
        foreach (var child in o.Children)
            Full(json, OrderRow.Of(child));
        json.WriteEndArray();
        json.WriteBoolean("isPositionTpsl", o.IsPositionTpsl);
        json.WriteBoolean("reduceOnly", o.Ask.ReduceOnly);
        json.WriteString("orderType", Kind(o));
        json.WriteString("tif", o.IsTrigger ? null : o.Ask.Tif);
        json.WriteString("cloid", o.Ask.Cloid);
        json.WriteEndObject();
    }

    /// <summary>An order with what became of it.</summary>
    public static void Historical(Utf8JsonWriter json, OrderRow row, bool isFull)
    {
        json.WriteStartObject();
        json.WritePropertyName("order");
        if (isFull)
            Full(json, row);
        else
            Open(json, row);
        json.WriteString("status", row.Status);
        json.WriteNumber("statusTimestamp", row.StatusTime);
        json.WriteEndObject();
    }

    /// <summary>Fill.</summary>
    public static void Fill(Utf8JsonWriter json, VenueFill f)
    {
        json.WriteStartObject();
        json.WriteString("coin", f.Market.Coin);
        json.WriteAmount("px", f.Px);
        json.WriteAmount("sz", f.Sz);
        json.WriteString("side", BookJson.Letter(f.Side));
        json.WriteNumber("time", f.Time);
        json.WriteAmount("startPosition", f.StartPosition);
        json.WriteString("dir", f.Dir);
        json.WriteAmount("closedPnl", f.ClosedPnl);
        json.WriteString("hash", f.Hash);
        json.WriteNumber("oid", f.Oid);
        json.WriteBoolean("crossed", f.IsTaker);
        json.WriteAmount("fee", f.Fee);
        if (f.BuilderFee != 0)
            json.WriteAmount("builderFee", f.BuilderFee);
        json.WriteNumber("tid", f.Tid);
        if (f.Cloid is { } cloid)
            json.WriteString("cloid", cloid);
        json.WriteString("feeToken", f.FeeToken);
        if (f.Twap == 0)
            json.WriteNull("twapId");
        else
            json.WriteNumber("twapId", f.Twap);
        if (f.Liquidated is { } user)
        {
            json.WriteStartObject("liquidation");
            json.WriteString("liquidatedUser", user);
            json.WriteAmount("markPx", f.Mark);
            json.WriteString("method", "market");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>A funding payment, as history or as the streams have it.</summary>
    public static void Funding(Utf8JsonWriter json, VenueFunding f, bool isHistory)
    {
        json.WriteStartObject();
        json.WriteNumber("time", f.Time);
        if (isHistory)
        {
            json.WriteString("hash", Chain.noHash);
            json.WriteStartObject("delta");
            json.WriteString("type", "funding");
        }

        json.WriteString("coin", f.Market.Coin);
        json.WriteAmount("usdc", f.Usdc);
        json.WriteAmount("szi", f.Szi);
        json.WriteRate("fundingRate", f.Rate, 12);
        json.WriteNull("nSamples");
        if (isHistory)
            json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Common(Utf8JsonWriter json, OrderRow row)
    {
        var o = row.Order!;
        json.WriteString("coin", o.Market.Coin);
        json.WriteString("side", BookJson.Letter(o.Ask.Side));
        json.WriteAmount("limitPx", Math.Max(0, o.Ask.Px));
        json.WriteAmount("sz", row.Left);
        json.WriteNumber("oid", o.Oid);
        json.WriteNumber("timestamp", o.Time);
        json.WriteAmount("origSz", o.Ask.Sz);
    }

    private static string Condition(VenueOrder o)
    {
        if (!o.IsTrigger)
            return "N/A";
        var t = o.Ask.Trigger.Value;
        var isAbove = o.Ask.Side == Side.Sell == t.IsTakeProfit;
        var text = VenueNumber.Text(t.Px);
        return (isAbove ? "Price above " : "Price below ")
            + (text.EndsWith(".0", StringComparison.Ordinal) ? text[..^2] : text);
    }

    private static string Kind(VenueOrder o)
    {
        if (o.Twap != 0)
            return "Twap Slice";
        if (!o.IsTrigger)
            return o.Ask.Tif == "FrontendMarket" ? "Market" : "Limit";
        var t = o.Ask.Trigger.Value;
        return (t.IsTakeProfit ? "Take Profit " : "Stop ") + (t.IsMarket ? "Market" : "Limit");
    }
}
