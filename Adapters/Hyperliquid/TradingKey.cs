using System.Buffers;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid;

/// <summary>
/// A private key that trades. It signs trading actions inside its policy and nothing else: it has no method for bytes, digests or
/// free actions. Cancels and reduce-only orders are never held up by its caps, so that a kill passes.
/// </summary>
public sealed class TradingKey : IDisposable
{
    private const long MinuteMs = 60_000;
    private static readonly Int128 One = 100_000_000;

    private readonly CurveKey key;
    private readonly KeyPolicy policy;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly MsgPackSink pack = new();
    private readonly Queue<(long AtMs, Int128 Value)> recent = new();
    private Int128 recentValue;

    internal TradingKey(CurveKey key, KeyPolicy policy, TimeProvider clock)
    {
        this.key = key;
        this.policy = policy;
        this.clock = clock;
    }

    /// <summary>The key's own address: the API wallet's.</summary>
    public Address Signer => key.Address;

    /// <summary>What it may do.</summary>
    public KeyPolicy Policy => policy;

    /// <summary>The key is the master's own: it could move all money elsewhere if another program held it.</summary>
    public bool IsMaster => key.Address == policy.Master;

    /// <summary>
    /// Writes the whole body of an <c>/exchange</c> request for <paramref name="action"/>. Null when it was signed; otherwise a
    /// sentence that says why not, and nothing is written.
    /// </summary>
    public string? TrySign(TradingAction action, ulong nonce, ulong? expiresAfter, IBufferWriter<byte> into)
    {
        lock (gate)
        {
            if (Refusal(action) is { } why)
                return why;
            Span<byte> connection = stackalloc byte[32];
            Span<byte> digest = stackalloc byte[32];
            Span<byte> rs = stackalloc byte[64];
            pack.Clear();
            ActionWriter.Write(action, policy, nonce, pack);
            ActionHash.ConnectionId(pack, nonce, VaultOf(action), expiresAfter, connection);
            ActionHash.Digest(connection, policy.IsMainnet, digest);
            // Counted first: a request that breaks while it is written may have left in part.
            Count(action);
            var recovery = key.Sign(digest, rs);
            Body(action, nonce, expiresAfter, rs, recovery, into);
            return null;
        }
    }

    /// <summary>Forgets the key, once a signature that is being made is done: its memory must not go under it.</summary>
    public void Dispose()
    {
        lock (gate)
            key.Dispose();
    }

    private void Body(
        TradingAction action,
        ulong nonce,
        ulong? expiresAfter,
        ReadOnlySpan<byte> rs,
        int recovery,
        IBufferWriter<byte> into
    )
    {
        using var json = new Utf8JsonWriter(into);
        Span<byte> hex = stackalloc byte[2 + 64];
        "0x"u8.CopyTo(hex);
        json.WriteStartObject();
        json.WritePropertyName("action"u8);
        ActionWriter.Write(action, policy, nonce, new JsonSink(json));
        json.WriteNumber("nonce"u8, nonce);
        json.WriteStartObject("signature"u8);
        _ = Convert.TryToHexStringLower(rs[..32], hex[2..], out _);
        json.WriteString("r"u8, hex);
        _ = Convert.TryToHexStringLower(rs[32..], hex[2..], out _);
        json.WriteString("s"u8, hex);
        json.WriteNumber("v"u8, 27 + recovery);
        json.WriteEndObject();
        if (VaultOf(action) is { } vault)
            json.WriteString("vaultAddress"u8, vault.ToString());
        if (expiresAfter is { } until)
            json.WriteNumber("expiresAfter"u8, until);
        json.WriteEndObject();
    }

    // The venue takes no vaultAddress with a transfer or a noop (protocol 3.2).
    private Address? VaultOf(TradingAction action) =>
        action is TradingAction.SendToSelf or TradingAction.Noop ? null : policy.Vault;

    private string? Refusal(TradingAction action)
    {
        switch (action)
        {
            case TradingAction.Place { Orders.IsDefaultOrEmpty: true }:
            case TradingAction.Cancel { Cancels.IsDefaultOrEmpty: true }:
            case TradingAction.CancelByCloid { Cancels.IsDefaultOrEmpty: true }:
                return "the action is empty";
            case TradingAction.Place place:
                return PlaceRefusal(place);
            case TradingAction.UpdateLeverage update when update.Leverage < 1 || update.Leverage > policy.MostLeverage:
                return $"a leverage of {update.Leverage} is outside of 1 to {policy.MostLeverage}, the key's own limit";
            case TradingAction.SendToSelf { Amount.Raw: <= 0 }:
                return "a transfer moves more than 0";
            default:
                return null;
        }
    }

    private string? PlaceRefusal(TradingAction.Place place)
    {
        var opening = Int128.Zero;
        foreach (var order in place.Orders)
        {
            if (order.Px.Raw <= 0 || order.Sz.Raw <= 0)
                return $"order {order.Cloid} has no price or no size";
            if (!order.Trigger.IsNone && !order.ReduceOnly)
                return $"order {order.Cloid} is a trigger that is not reduce-only";
            if (order.ReduceOnly)
                continue;
            var value = ValueOf(order);
            if (value > policy.MostOrder.Raw)
                return $"order {order.Cloid} is worth {Show(value)} USD; the key's own limit of one order is {policy.MostOrder}";
            opening += value;
        }

        Forget();
        return opening > 0 && recentValue + opening > policy.MostMinute.Raw
            ? $"{Show(recentValue + opening)} USD of opening orders within a minute; the key's own limit is {policy.MostMinute}"
            : null;
    }

    private void Count(TradingAction action)
    {
        if (action is not TradingAction.Place place)
            return;
        foreach (var order in place.Orders)
        {
            if (order.ReduceOnly)
                continue;
            var value = ValueOf(order);
            recent.Enqueue((NowMs(), value));
            recentValue += value;
        }
    }

    private void Forget()
    {
        var now = NowMs();
        while (recent.TryPeek(out var oldest) && now - oldest.AtMs >= MinuteMs)
        {
            recentValue -= oldest.Value;
            recent.Dequeue();
        }
    }

    // Monotonic: a wall clock that is set back must not forget what was signed.
    private long NowMs() => (long)clock.GetElapsedTime(0, clock.GetTimestamp()).TotalMilliseconds;

    // Rounded up: what lies above a cap by any fraction is above it, and no order is worth nothing.
    private static Int128 ValueOf(in OrderRequest order) => ((Int128)order.Px.Raw * order.Sz.Raw + One - 1) / One;

    private static string Show(Int128 value) => Usd.Of((long)Int128.Min(value, long.MaxValue)).ToString();
}
