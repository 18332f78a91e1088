using System.Diagnostics.CodeAnalysis;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>An instrument of the run as the venue knows it.</summary>
/// <param name="Id">Of the run.</param>
/// <param name="Asset">The venue's number in actions: an index for a perpetual, 10000 more for spot (protocol 5.1).</param>
/// <param name="Coin">Its name in messages.</param>
/// <param name="BaseToken">Of a spot pair the token that is bought; none for a perpetual.</param>
public sealed record TradedAsset(InstrumentId Id, int Asset, string Coin, string? BaseToken)
{
    /// <summary>A pair of tokens, of which nothing can be owed.</summary>
    [MemberNotNullWhen(true, nameof(BaseToken))]
    public bool IsSpot => BaseToken is not null;
}

/// <summary>The instruments of a run at one venue.</summary>
public sealed class TradedAssets(IEnumerable<TradedAsset> assets)
{
    private readonly Dictionary<int, TradedAsset> byId = assets.ToDictionary(a => a.Id.Index);

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<TradedAsset> All => byId.Values;

    /// <summary>The same for the frames of the account.</summary>
    public IEnumerable<AccountCoin> Coins => byId.Values.Select(a => new AccountCoin(a.Coin, a.Id, a.BaseToken));

    /// <summary>False for an instrument that is not traded here.</summary>
    public bool TryFind(InstrumentId id, [NotNullWhen(true)] out TradedAsset? asset) =>
        byId.TryGetValue(id.Index, out asset);

    /// <summary>
    /// It may add to what is held or owed. A sale on spot cannot: nothing can be owed there, and reduce-only is no word of that side.
    /// </summary>
    public bool Opens(NewOrder order) =>
        !order.ReduceOnly && !(order.Side == Side.Sell && TryFind(order.Instrument, out var asset) && asset.IsSpot);
}
