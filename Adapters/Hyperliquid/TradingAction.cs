using System.Collections.Immutable;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid;

/// <summary>An order as the venue takes it.</summary>
/// <param name="Asset">The venue's number of the asset: an index for a perp, 10000 more for spot (protocol 5.1).</param>
/// <param name="Side">Buy or sell.</param>
/// <param name="Px">Limit price, above 0; of a trigger order the worst acceptable price.</param>
/// <param name="Sz">Size in base units, above 0.</param>
/// <param name="Tif">Time in force; not used by a trigger order.</param>
/// <param name="ReduceOnly">Only shrinks a position.</param>
/// <param name="Cloid">Our number.</param>
/// <param name="Trigger">A stop at the market when the mark reaches this price; none (0) for an ordinary order.</param>
public readonly record struct OrderRequest(
    int Asset,
    Side Side,
    Px Px,
    Sz Sz,
    Tif Tif,
    bool ReduceOnly,
    Cloid Cloid,
    Px Trigger
);

/// <summary>An order of an asset by the venue's number.</summary>
public readonly record struct CancelRequest(int Asset, long OrderId);

/// <summary>An order of an asset by our number.</summary>
public readonly record struct CancelByCloidRequest(int Asset, Cloid Cloid);

/// <summary>
/// Everything that a trading key signs; a closed union: nobody outside of this file adds to it. No transfer to anyone else, no
/// approval and no withdrawal can be spelled in it.
/// </summary>
public abstract record TradingAction
{
    private TradingAction() { }

    /// <summary>Places orders, in this order.</summary>
    public sealed record Place(ImmutableArray<OrderRequest> Orders) : TradingAction;

    /// <summary>Cancels orders by the venue's numbers.</summary>
    public sealed record Cancel(ImmutableArray<CancelRequest> Cancels) : TradingAction;

    /// <summary>Cancels orders by our numbers.</summary>
    public sealed record CancelByCloid(ImmutableArray<CancelByCloidRequest> Cancels) : TradingAction;

    /// <summary>The dead-man's switch: cancels everything at this time, in ms; none removes it.</summary>
    public sealed record ScheduleCancel(long? AtMs) : TradingAction;

    /// <summary>Uses up a nonce, so that another action with it can never run.</summary>
    public sealed record Noop : TradingAction;

    /// <summary>Sets the leverage of an asset, at most what the key's policy allows.</summary>
    public sealed record UpdateLeverage(int Asset, bool IsCross, int Leverage) : TradingAction;

    /// <summary>Moves a token of the account between its own dexes (<c>spot</c>, or empty for the first perp dex).</summary>
    public sealed record SendToSelf(string SourceDex, string DestinationDex, string Token, Usd Amount) : TradingAction;
}
