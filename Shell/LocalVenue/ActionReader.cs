using System.Text.Json;
using Microsoft.FSharp.Core;
using Vrlg.Core;
using Vrlg.Sim.LocalVenue;
using Action = Vrlg.Sim.LocalVenue.Action;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Actions of <c>/exchange</c> from their JSON (protocol 3). What cannot be read is no request at all.</summary>
internal static class ActionReader
{
    /// <summary>Reads an action; false when a member is missing or of the wrong kind.</summary>
    public static bool TryRead(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        return Asked.TryText(from, "type", out var type)
            && type switch
            {
                "order" => TryOrder(from, out action),
                "cancel" => TryCancels(from, "a", "o", out action),
                "cancelByCloid" => TryCancels(from, "asset", "cloid", out action),
                "modify" => TryModify(from, out action),
                "batchModify" => TryModifies(from, out action),
                "scheduleCancel" => TrySchedule(from, out action),
                "updateLeverage" => TryLeverage(from, out action),
                "updateIsolatedMargin" => TryMargin(from, out action),
                "topUpIsolatedOnlyMargin" => TryTopUp(from, out action),
                "twapOrder" => TryTwap(from, out action),
                "twapCancel" => TryTwapCancel(from, out action),
                "noop" or "setReferrer" or "setDisplayName" or "spotUser" => true,
                _ => MoneyActionReader.TryRead(type, from, out action),
            };
    }

    private static bool TryOrder(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (!from.TryGetProperty("orders", out var list) || list.ValueKind != JsonValueKind.Array)
            return false;
        if (!TryBuilder(from, out var builder))
            return false;
        var orders = new OrderAsk[list.GetArrayLength()];
        var i = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (!TryAsk(item, builder, out var ask))
                return false;
            orders[i++] = ask;
        }

        if (!TryGrouping(from, out var grouping))
            return false;
        action = Action.NewOrder(orders, grouping);
        return true;
    }

    // A rate is how much of an order's worth is paid to be earlier, in 1e-8.
    private static bool TryGrouping(JsonElement from, out Grouping grouping)
    {
        grouping = Grouping.Na;
        if (Asked.IsAbsent(from, "grouping"))
            return true;
        var kind = from.GetProperty("grouping");
        if (kind.ValueKind == JsonValueKind.Object)
        {
            grouping = Grouping.Paid;
            return Asked.TryWhole(kind, "p", out var rate) && rate >= 0;
        }

        var name = kind.ValueKind == JsonValueKind.String ? kind.GetString() : null;
        grouping = name switch
        {
            "normalTpsl" => Grouping.NormalTpsl,
            "positionTpsl" => Grouping.PositionTpsl,
            _ => Grouping.Na,
        };
        return name is "na" or "normalTpsl" or "positionTpsl";
    }

    private static bool TryBuilder(JsonElement from, out FSharpValueOption<BuilderAsk> builder)
    {
        builder = FSharpValueOption<BuilderAsk>.None;
        if (Asked.IsAbsent(from, "builder"))
            return true;
        var of = from.GetProperty("builder");
        if (!Asked.TryAddress(of, "b", out var address) || !Asked.TryWhole(of, "f", out var rate))
            return false;
        builder = FSharpValueOption<BuilderAsk>.Some(new BuilderAsk(address, Math.Clamp(rate, -1, 1_000_000)));
        return true;
    }

    private static bool TryAsk(JsonElement from, FSharpValueOption<BuilderAsk> builder, out OrderAsk ask)
    {
        ask = null!;
        if (
            !TryAsset(from, "a", out var asset)
            || !Asked.TryFlag(from, "b", out var isBuy)
            || !Asked.TryText(from, "p", out var px)
            || !Asked.TryText(from, "s", out var sz)
            || !Asked.TryFlag(from, "r", out var reduceOnly)
            || !TryCloid(from, "c", out var cloid)
            || !from.TryGetProperty("t", out var kind)
            || !TryKind(kind, out var tif, out var trigger)
        )
            return false;
        ask = new OrderAsk(
            asset,
            isBuy ? Side.Buy : Side.Sell,
            Asked.Amount(px),
            Asked.Amount(sz),
            reduceOnly,
            tif,
            trigger,
            cloid,
            builder
        );
        return true;
    }

    private static bool TryKind(JsonElement from, out string? tif, out FSharpValueOption<TriggerAsk> trigger)
    {
        tif = null;
        trigger = FSharpValueOption<TriggerAsk>.None;
        if (from.ValueKind != JsonValueKind.Object)
            return false;
        if (from.TryGetProperty("limit", out var limit))
            return Asked.TryText(limit, "tif", out tif) && tif is "Gtc" or "Ioc" or "Alo" or "FrontendMarket";
        if (
            !from.TryGetProperty("trigger", out var of)
            || !Asked.TryFlag(of, "isMarket", out var isMarket)
            || !Asked.TryText(of, "triggerPx", out var px)
            || !Asked.TryText(of, "tpsl", out var which)
            || which is not ("tp" or "sl")
        )
            return false;
        trigger = FSharpValueOption<TriggerAsk>.Some(new TriggerAsk(Asked.Amount(px), isMarket, which == "tp"));
        return true;
    }

    private static bool TryCancels(JsonElement from, string asset, string name, out Action action)
    {
        action = Action.Nothing;
        if (
            !from.TryGetProperty("cancels", out var list)
            || list.ValueKind != JsonValueKind.Array
            || !Asked.TryOptionalFlag(from, "f", out var isFast)
        )
            return false;
        var cancels = new (int, OrderName)[list.GetArrayLength()];
        var i = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (!TryAsset(item, asset, out var of) || !TryName(item, name, out var which))
                return false;
            cancels[i++] = (of, which);
        }

        action = isFast ? Action.NewFastCancel(cancels) : Action.NewCancel(cancels);
        return true;
    }

    private static bool TryModify(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (!TryOne(from, out var one) || !Asked.TryOptionalFlag(from, "a", out var always))
            return false;
        action = Action.NewModify([one], always, false);
        return true;
    }

    private static bool TryModifies(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !from.TryGetProperty("modifies", out var list)
            || list.ValueKind != JsonValueKind.Array
            || !Asked.TryOptionalFlag(from, "a", out var always)
        )
            return false;
        var modifies = new ModifyAsk[list.GetArrayLength()];
        var i = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (!TryOne(item, out var one))
                return false;
            modifies[i++] = one;
        }

        action = Action.NewModify(modifies, always, true);
        return true;
    }

    private static bool TryOne(JsonElement from, out ModifyAsk modify)
    {
        modify = null!;
        if (
            from.ValueKind != JsonValueKind.Object
            || !TryName(from, "oid", out var name)
            || !from.TryGetProperty("order", out var order)
            || !TryAsk(order, FSharpValueOption<BuilderAsk>.None, out var ask)
        )
            return false;
        modify = new ModifyAsk(name, ask);
        return true;
    }

    private static bool TrySchedule(JsonElement from, out Action action)
    {
        var isAbsent = Asked.IsAbsent(from, "time");
        var ok = Asked.TryOptionalWhole(from, "time", 0, out var time);
        action = Action.NewScheduleCancel(isAbsent ? FSharpValueOption<long>.None : FSharpValueOption<long>.Some(time));
        return ok;
    }

    private static bool TryLeverage(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !TryAsset(from, "asset", out var asset)
            || !Asked.TryFlag(from, "isCross", out var isCross)
            || !Asked.TryWhole(from, "leverage", out var leverage)
        )
            return false;
        action = Action.NewUpdateLeverage(asset, isCross, (int)Math.Clamp(leverage, -1, 1_000_000));
        return true;
    }

    // USD in millionths: 1e-8 is a hundredth of that.
    private static bool TryMargin(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !TryAsset(from, "asset", out var asset)
            || !Asked.TryFlag(from, "isBuy", out _)
            || !Asked.TryWhole(from, "ntli", out var millionths)
        )
            return false;
        action = Action.NewUpdateIsolatedMargin(asset, MoneyActionReader.OfMillionths(millionths));
        return true;
    }

    private static bool TryTopUp(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (!TryAsset(from, "asset", out var asset) || !Asked.TryText(from, "leverage", out var leverage))
            return false;
        action = Action.NewTopUpIsolated(asset, Asked.Amount(leverage));
        return true;
    }

    private static bool TryTwap(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !from.TryGetProperty("twap", out var of)
            || !TryAsset(of, "a", out var asset)
            || !Asked.TryFlag(of, "b", out var isBuy)
            || !Asked.TryText(of, "s", out var sz)
            || !Asked.TryFlag(of, "r", out var reduceOnly)
            || !Asked.TryWhole(of, "m", out var minutes)
            || !Asked.TryFlag(of, "t", out var randomize)
            || !TryDetails(from, out var trigger, out var stop)
        )
            return false;
        action = Action.NewTwap(
            new TwapAsk(
                asset,
                isBuy ? Side.Buy : Side.Sell,
                Asked.Amount(sz),
                reduceOnly,
                Math.Clamp(minutes, 0, 1_000_000),
                randomize,
                trigger,
                stop
            )
        );
        return true;
    }

    private static bool TryDetails(
        JsonElement from,
        out FSharpValueOption<(long, bool)> trigger,
        out FSharpValueOption<long> stop
    )
    {
        trigger = FSharpValueOption<(long, bool)>.None;
        stop = FSharpValueOption<long>.None;
        if (Asked.IsAbsent(from, "details"))
            return true;
        var details = from.GetProperty("details");
        if (!Asked.IsAbsent(details, "t"))
        {
            var of = details.GetProperty("t");
            if (!Asked.TryText(of, "p", out var px) || !Asked.TryFlag(of, "a", out var isAbove))
                return false;
            trigger = FSharpValueOption<(long, bool)>.Some((Asked.Amount(px), isAbove));
        }

        if (Asked.IsAbsent(details, "s"))
            return true;
        if (!Asked.TryText(details, "s", out var worst))
            return false;
        stop = FSharpValueOption<long>.Some(Asked.Amount(worst));
        return true;
    }

    private static bool TryTwapCancel(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (!TryAsset(from, "a", out var asset) || !Asked.TryWhole(from, "t", out var id))
            return false;
        action = Action.NewTwapCancel(asset, id);
        return true;
    }

    private static bool TryAsset(JsonElement from, string name, out int asset)
    {
        var ok = Asked.TryWhole(from, name, out var whole) && whole is >= 0 and <= int.MaxValue;
        asset = ok ? (int)whole : 0;
        return ok;
    }

    /// <summary>An order's number, or its owner's text.</summary>
    private static bool TryName(JsonElement from, string name, out OrderName which)
    {
        which = new OrderName(0, null);
        if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out var value))
            return false;
        if (value.ValueKind == JsonValueKind.Number)
        {
            var ok = value.TryGetInt64(out var oid);
            which = new OrderName(oid, null);
            return ok;
        }

        var read = TryCloid(from, name, out var cloid) && cloid is not null;
        which = new OrderName(0, cloid);
        return read;
    }

    private static bool TryCloid(JsonElement from, string name, out string? cloid)
    {
        cloid = null;
        if (Asked.IsAbsent(from, name))
            return true;
        if (
            !Asked.TryText(from, name, out var text)
            || text.Length != 34
            || !text.StartsWith("0x", StringComparison.Ordinal)
        )
            return false;
        foreach (var c in text.AsSpan(2))
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }

        cloid = text.ToLowerInvariant();
        return true;
    }
}
