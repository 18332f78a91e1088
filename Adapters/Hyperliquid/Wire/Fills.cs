using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>The liquidation that a fill belongs to; on both sides.</summary>
/// <param name="LiquidatedUser">None where it is not stated.</param>
/// <param name="MarkPx">Mark price of it.</param>
/// <param name="Method"><c>market</c> or <c>backstop</c>.</param>
public sealed record Liquidation(string? LiquidatedUser, Numeral MarkPx, string Method)
{
    internal static Liquidation Read(JsonElement of, WireReader read) =>
        new(read.OptionalText(of, "liquidatedUser"), read.Numeral(of, "markPx"), read.Text(of, "method"));

    internal static void Write(Liquidation liquidation, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.PutAny("liquidatedUser", liquidation.LiquidatedUser);
        json.Put("markPx", liquidation.MarkPx);
        json.Put("method", liquidation.Method);
        json.WriteEndObject();
    }
}

/// <summary>
/// A fill of an account. Money needs the trade's number and the fee's token: a message of 2023 without them is refused.
/// </summary>
/// <param name="Coin">Of which instrument.</param>
/// <param name="Px">Price.</param>
/// <param name="Sz">Size; dust may be finer than 1e-8.</param>
/// <param name="Side">Buy or sell.</param>
/// <param name="TimeMs">Block time.</param>
/// <param name="StartPosition">Signed position before it; of spot the balance.</param>
/// <param name="Direction">In words, such as <c>Open Long</c>.</param>
/// <param name="ClosedPnl">Before fees.</param>
/// <param name="Hash">Of the transaction that caused it; zeros where the system did.</param>
/// <param name="Oid">The venue's number of the order.</param>
/// <param name="IsTaker">It crossed.</param>
/// <param name="Fee">With the builder's; below 0 a rebate.</param>
/// <param name="BuilderFee">Where there is one.</param>
/// <param name="Tid">The trade's number; 0 for dust.</param>
/// <param name="Cloid">The client's number of the order, where it has one.</param>
/// <param name="Liquidation">Where it belongs to one.</param>
/// <param name="FeeToken">The currency of the fee.</param>
/// <param name="TwapId">Of which TWAP it is a slice.</param>
public sealed record UserFill(
    string Coin,
    Px Px,
    Numeral Sz,
    Side Side,
    long TimeMs,
    Numeral StartPosition,
    string Direction,
    Numeral ClosedPnl,
    string Hash,
    long Oid,
    bool IsTaker,
    Numeral Fee,
    Numeral? BuilderFee,
    long Tid,
    string? Cloid,
    Liquidation? Liquidation,
    string FeeToken,
    long? TwapId
)
{
    internal static UserFill Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "coin"),
            read.Px(of, "px"),
            read.Numeral(of, "sz"),
            read.SideOf(of, "side"),
            read.Time(of, "time"),
            read.Numeral(of, "startPosition"),
            read.Text(of, "dir"),
            read.Numeral(of, "closedPnl"),
            read.Text(of, "hash"),
            read.Natural(of, "oid"),
            read.Flag(of, "crossed"),
            read.Numeral(of, "fee"),
            read.OptionalNumeral(of, "builderFee"),
            read.Natural(of, "tid"),
            read.OptionalText(of, "cloid"),
            read.OptionalObject(of, "liquidation", Liquidation.Read),
            read.Text(of, "feeToken"),
            read.OptionalNatural(of, "twapId")
        );

    internal static void Write(UserFill fill, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", fill.Coin);
        json.Put("px", fill.Px);
        json.Put("sz", fill.Sz);
        json.Put("side", fill.Side);
        json.Put("time", fill.TimeMs);
        json.Put("startPosition", fill.StartPosition);
        json.Put("dir", fill.Direction);
        json.Put("closedPnl", fill.ClosedPnl);
        json.Put("hash", fill.Hash);
        json.Put("oid", fill.Oid);
        json.Put("crossed", fill.IsTaker);
        json.Put("fee", fill.Fee);
        json.PutAny("builderFee", fill.BuilderFee);
        json.Put("tid", fill.Tid);
        json.PutAny("cloid", fill.Cloid);
        if (fill.Liquidation is { } liquidation)
        {
            json.WritePropertyName("liquidation");
            Liquidation.Write(liquidation, json);
        }

        json.Put("feeToken", fill.FeeToken);
        json.PutOrNull("twapId", fill.TwapId);
        json.WriteEndObject();
    }
}

/// <summary>A fill of a TWAP with the TWAP's number.</summary>
public sealed record TwapSliceFill(UserFill Fill, long TwapId)
{
    internal static TwapSliceFill Read(JsonElement of, WireReader read) =>
        new(UserFill.Read(read.Member(of, "fill"), read), read.Natural(of, "twapId"));

    internal static void Write(TwapSliceFill slice, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("fill");
        UserFill.Write(slice.Fill, json);
        json.Put("twapId", slice.TwapId);
        json.WriteEndObject();
    }
}
