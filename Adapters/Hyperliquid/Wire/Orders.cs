using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>An order as <c>openOrders</c> and <c>orderUpdates</c> show it.</summary>
/// <param name="Coin">Of which instrument.</param>
/// <param name="Side">Buy or sell.</param>
/// <param name="LimitPx">Limit price.</param>
/// <param name="Sz">What remains.</param>
/// <param name="Oid">The venue's number.</param>
/// <param name="TimeMs">When it was placed.</param>
/// <param name="OrigSz">Its whole size; none in messages of 2023.</param>
/// <param name="Cloid">The client's number, where it has one.</param>
/// <param name="IsReduceOnly">Only shrinks a position.</param>
public sealed record ListedOrder(
    string Coin,
    Side Side,
    Px LimitPx,
    Sz Sz,
    long Oid,
    long TimeMs,
    Sz? OrigSz,
    string? Cloid,
    bool IsReduceOnly
)
{
    internal static ListedOrder Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "coin"),
            read.SideOf(of, "side"),
            read.Px(of, "limitPx"),
            read.Sz(of, "sz"),
            read.Natural(of, "oid"),
            read.Time(of, "timestamp"),
            read.OptionalSz(of, "origSz"),
            read.OptionalText(of, "cloid"),
            read.OptionalFlag(of, "reduceOnly")
        );

    internal static void Write(ListedOrder order, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", order.Coin);
        json.Put("side", order.Side);
        json.Put("limitPx", order.LimitPx);
        json.Put("sz", order.Sz);
        json.Put("oid", order.Oid);
        json.Put("timestamp", order.TimeMs);
        json.PutAny("origSz", order.OrigSz);
        json.PutAny("cloid", order.Cloid);
        json.PutAny("reduceOnly", order.IsReduceOnly);
        json.WriteEndObject();
    }
}

/// <summary>A row of <c>orderUpdates</c>.</summary>
/// <param name="Order">The order after it.</param>
/// <param name="Status">The venue's word.</param>
/// <param name="StatusMs">Block time of that word.</param>
public sealed record OrderUpdate(ListedOrder Order, string Status, long StatusMs)
{
    internal static OrderUpdate Read(JsonElement of, WireReader read) =>
        new(
            ListedOrder.Read(read.Member(of, "order"), read),
            read.Text(of, "status"),
            read.Time(of, "statusTimestamp")
        );

    internal static void Write(OrderUpdate update, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("order");
        ListedOrder.Write(update.Order, json);
        json.Put("status", update.Status);
        json.Put("statusTimestamp", update.StatusMs);
        json.WriteEndObject();
    }
}

/// <summary>An order with everything that the venue's page shows.</summary>
/// <param name="Order">Its main facts.</param>
/// <param name="TriggerCondition">In words; <c>N/A</c> without a trigger.</param>
/// <param name="IsTrigger">It waits outside the book for a price.</param>
/// <param name="TriggerPx">That price; 0 without one.</param>
/// <param name="Children">The take-profit and stop orders that wait for it.</param>
/// <param name="IsPositionTpsl">It closes the whole position.</param>
/// <param name="OrderType">Such as <c>Limit</c> or <c>Stop Market</c>.</param>
/// <param name="Tif">Time in force; none for a trigger order.</param>
public sealed record FrontendOrder(
    ListedOrder Order,
    string TriggerCondition,
    bool IsTrigger,
    Px TriggerPx,
    Rows<FrontendOrder> Children,
    bool IsPositionTpsl,
    string OrderType,
    string? Tif
)
{
    internal static FrontendOrder Read(JsonElement of, WireReader read) =>
        new(
            ListedOrder.Read(of, read),
            read.Text(of, "triggerCondition"),
            read.Flag(of, "isTrigger"),
            read.Px(of, "triggerPx"),
            read.OptionalRows(of, "children", Read),
            read.Flag(of, "isPositionTpsl"),
            read.Text(of, "orderType"),
            read.OptionalText(of, "tif")
        );

    internal static void Write(FrontendOrder order, Utf8JsonWriter json)
    {
        var main = order.Order;
        json.WriteStartObject();
        json.Put("coin", main.Coin);
        json.Put("side", main.Side);
        json.Put("limitPx", main.LimitPx);
        json.Put("sz", main.Sz);
        json.Put("oid", main.Oid);
        json.Put("timestamp", main.TimeMs);
        json.Put("triggerCondition", order.TriggerCondition);
        json.Put("isTrigger", order.IsTrigger);
        json.Put("triggerPx", order.TriggerPx);
        json.PutRows("children", order.Children, Write);
        json.Put("isPositionTpsl", order.IsPositionTpsl);
        json.Put("reduceOnly", main.IsReduceOnly);
        json.Put("orderType", order.OrderType);
        json.PutAny("origSz", main.OrigSz);
        json.PutOrNull("tif", order.Tif);
        json.PutOrNull("cloid", main.Cloid);
        json.WriteEndObject();
    }
}

/// <summary>A row of <c>historicalOrders</c>: an order and the venue's last word about it.</summary>
public sealed record OrderRow(FrontendOrder Order, string Status, long StatusMs)
{
    internal static OrderRow Read(JsonElement of, WireReader read) =>
        new(
            FrontendOrder.Read(read.Member(of, "order"), read),
            read.Text(of, "status"),
            read.Time(of, "statusTimestamp")
        );

    internal static void Write(OrderRow row, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("order");
        FrontendOrder.Write(row.Order, json);
        json.Put("status", row.Status);
        json.Put("statusTimestamp", row.StatusMs);
        json.WriteEndObject();
    }
}

/// <summary>The answer to <c>orderStatus</c>: none for an order that the venue does not know.</summary>
public sealed record OrderStatusReply(OrderRow? Order)
{
    internal static OrderStatusReply Read(JsonElement of, WireReader read) =>
        read.Text(of, "status") switch
        {
            "order" => new(OrderRow.Read(read.Member(of, "order"), read)),
            "unknownOid" => new((OrderRow?)null),
            _ => throw read.Fault("status", "is neither order nor unknownOid"),
        };

    internal static void Write(OrderStatusReply reply, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("status", reply.Order is null ? "unknownOid" : "order");
        if (reply.Order is { } order)
        {
            json.WritePropertyName("order");
            OrderRow.Write(order, json);
        }

        json.WriteEndObject();
    }
}
