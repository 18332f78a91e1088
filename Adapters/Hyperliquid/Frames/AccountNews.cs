using System.Runtime.InteropServices;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>A row of <c>orderUpdates</c> about a coin of the run, with a client's number.</summary>
/// <param name="Instrument">Of the run.</param>
/// <param name="Cloid">The client's number, ours or not.</param>
/// <param name="Oid">The venue's.</param>
/// <param name="Left">What remains.</param>
/// <param name="Whole">The whole size; below 0 where it is not stated.</param>
/// <param name="Status">The venue's word.</param>
/// <param name="At">Block time of that word.</param>
public readonly record struct OrderNews(
    InstrumentId Instrument,
    Cloid Cloid,
    long Oid,
    Sz Left,
    Sz Whole,
    OrderStatus Status,
    Instant At
);

/// <summary>A fill of an order with a client's number, of a coin of the run.</summary>
/// <param name="Instrument">Of the run.</param>
/// <param name="Cloid">The client's number, ours or not.</param>
/// <param name="Oid">The venue's number of the order.</param>
/// <param name="TradeId">The trade's.</param>
/// <param name="Side">Buy or sell.</param>
/// <param name="Px">Price.</param>
/// <param name="Sz">Size.</param>
/// <param name="Fee">In the fee's token; above 0 is paid by us.</param>
/// <param name="IsFeeInBase">That token is the pair's base: on spot, of a buy that pays.</param>
/// <param name="IsMaker">It rested.</param>
/// <param name="At">Block time.</param>
/// <param name="StrangeFeeToken">The fee's token where it is neither USDC nor the pair's base.</param>
public readonly record struct FillNews(
    InstrumentId Instrument,
    Cloid Cloid,
    long Oid,
    long TradeId,
    Side Side,
    Px Px,
    Sz Sz,
    Usd Fee,
    bool IsFeeInBase,
    bool IsMaker,
    Instant At,
    string? StrangeFeeToken = null
);

/// <summary>What a frame of the account says; reused from frame to frame.</summary>
public sealed class AccountNews
{
    private readonly List<OrderNews> orders = new(64);
    private readonly List<FillNews> fills = new(64);

    /// <summary>The latest fills, known or not.</summary>
    public bool IsSnapshot { get; internal set; }

    /// <summary>The fills are those of another account than the one that was asked for: nothing of the frame counts.</summary>
    public bool IsForeign { get; internal set; }

    /// <summary>Rows of coins that the run does not have, or of orders without a client's number.</summary>
    public int Passed { get; internal set; }

    /// <summary>Orders in new states, in the order of the frame.</summary>
    public ReadOnlySpan<OrderNews> Orders => CollectionsMarshal.AsSpan(orders);

    /// <summary>Fills, in the order of the frame.</summary>
    public ReadOnlySpan<FillNews> Fills => CollectionsMarshal.AsSpan(fills);

    internal void Clear()
    {
        orders.Clear();
        fills.Clear();
        IsSnapshot = false;
        IsForeign = false;
        Passed = 0;
    }

    internal void Add(in OrderNews row) => orders.Add(row);

    internal void Add(in FillNews row) => fills.Add(row);
}
