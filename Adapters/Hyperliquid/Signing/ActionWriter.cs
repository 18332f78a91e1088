using System.Text;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>A trading action in its canonical form, straight into a sink; what <see cref="CanonicalAction"/> makes of its JSON.</summary>
internal static class ActionWriter
{
    /// <summary>Writes <paramref name="action"/>; the policy's account and <paramref name="nonce"/> stand inside a transfer.</summary>
    public static void Write<TSink>(TradingAction action, KeyPolicy policy, ulong nonce, TSink sink)
        where TSink : IWireSink
    {
        switch (action)
        {
            case TradingAction.Place place:
                Begin(sink, "order"u8, 3);
                sink.Key("orders"u8);
                sink.Array(place.Orders.Length);
                foreach (ref readonly var order in place.Orders.AsSpan())
                    Order(in order, sink);
                sink.EndArray();
                Text(sink, "grouping"u8, "na"u8);
                break;
            case TradingAction.Cancel cancel:
                Begin(sink, "cancel"u8, 2);
                sink.Key("cancels"u8);
                sink.Array(cancel.Cancels.Length);
                foreach (var one in cancel.Cancels)
                {
                    sink.Map(2);
                    Whole(sink, "a"u8, one.Asset);
                    Whole(sink, "o"u8, one.OrderId);
                    sink.EndMap();
                }

                sink.EndArray();
                break;
            case TradingAction.CancelByCloid cancel:
                Begin(sink, "cancelByCloid"u8, 2);
                sink.Key("cancels"u8);
                sink.Array(cancel.Cancels.Length);
                foreach (var one in cancel.Cancels)
                {
                    sink.Map(2);
                    Whole(sink, "asset"u8, one.Asset);
                    WriteCloid(sink, "cloid"u8, one.Cloid);
                    sink.EndMap();
                }

                sink.EndArray();
                break;
            case TradingAction.ScheduleCancel schedule:
                Begin(sink, "scheduleCancel"u8, schedule.AtMs is null ? 1 : 2);
                if (schedule.AtMs is { } at)
                    Whole(sink, "time"u8, at);
                break;
            case TradingAction.UpdateLeverage update:
                Begin(sink, "updateLeverage"u8, 4);
                Whole(sink, "asset"u8, update.Asset);
                Flag(sink, "isCross"u8, update.IsCross);
                Whole(sink, "leverage"u8, update.Leverage);
                break;
            case TradingAction.SendToSelf send:
                SendToSelf(send, policy, nonce, sink);
                break;
            default:
                Begin(sink, "noop"u8, 1);
                break;
        }

        sink.EndMap();
    }

    private static void Order<TSink>(in OrderRequest order, TSink sink)
        where TSink : IWireSink
    {
        sink.Map(order.Cloid.IsNone ? 6 : 7);
        Whole(sink, "a"u8, order.Asset);
        Flag(sink, "b"u8, order.Side == Side.Buy);
        Number(sink, "p"u8, order.Px.Raw);
        Number(sink, "s"u8, order.Sz.Raw);
        Flag(sink, "r"u8, order.ReduceOnly);
        sink.Key("t"u8);
        sink.Map(1);
        if (order.Trigger.IsNone)
        {
            sink.Key("limit"u8);
            sink.Map(1);
            Text(
                sink,
                "tif"u8,
                order.Tif switch
                {
                    Tif.Alo => "Alo"u8,
                    Tif.Ioc => "Ioc"u8,
                    _ => "Gtc"u8,
                }
            );
        }
        else
        {
            sink.Key("trigger"u8);
            sink.Map(3);
            Flag(sink, "isMarket"u8, value: true);
            Number(sink, "triggerPx"u8, order.Trigger.Raw);
            Text(sink, "tpsl"u8, "sl"u8);
        }

        sink.EndMap();
        sink.EndMap();
        if (!order.Cloid.IsNone)
            WriteCloid(sink, "c"u8, order.Cloid);
        sink.EndMap();
    }

    // A sub-account's money leaves it and comes back to it: without the last member it would be the master's that comes.
    private static void SendToSelf<TSink>(TradingAction.SendToSelf send, KeyPolicy policy, ulong nonce, TSink sink)
        where TSink : IWireSink
    {
        Begin(sink, "agentSendAsset"u8, 8);
        Text(sink, "destination"u8, Encoding.UTF8.GetBytes(policy.Account.ToString()));
        Text(sink, "sourceDex"u8, Encoding.UTF8.GetBytes(send.SourceDex));
        Text(sink, "destinationDex"u8, Encoding.UTF8.GetBytes(send.DestinationDex));
        Text(sink, "token"u8, Encoding.UTF8.GetBytes(send.Token));
        Number(sink, "amount"u8, send.Amount.Raw);
        Text(sink, "fromSubAccount"u8, Encoding.UTF8.GetBytes(policy.Vault?.ToString() ?? ""));
        sink.Key("nonce"u8);
        sink.Whole(nonce);
    }

    private static void Begin<TSink>(TSink sink, ReadOnlySpan<byte> type, int count)
        where TSink : IWireSink
    {
        sink.Map(count);
        Text(sink, "type"u8, type);
    }

    private static void Text<TSink>(TSink sink, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        where TSink : IWireSink
    {
        sink.Key(name);
        sink.Text(value);
    }

    private static void Whole<TSink>(TSink sink, ReadOnlySpan<byte> name, long value)
        where TSink : IWireSink
    {
        sink.Key(name);
        sink.Whole(value);
    }

    private static void Flag<TSink>(TSink sink, ReadOnlySpan<byte> name, bool value)
        where TSink : IWireSink
    {
        sink.Key(name);
        sink.Flag(value);
    }

    private static void Number<TSink>(TSink sink, ReadOnlySpan<byte> name, long raw)
        where TSink : IWireSink
    {
        Span<byte> text = stackalloc byte[WireNumber.MostBytes];
        sink.Key(name);
        sink.Text(WireNumber.Write(raw, text));
    }

    private static void WriteCloid<TSink>(TSink sink, ReadOnlySpan<byte> name, Cloid cloid)
        where TSink : IWireSink
    {
        Span<byte> text = stackalloc byte[34];
        "0x"u8.CopyTo(text);
        cloid.Run.TryFormat(text[2..], out _, "x16");
        cloid.N.TryFormat(text[18..], out _, "x16");
        sink.Key(name);
        sink.Text(text);
    }
}
