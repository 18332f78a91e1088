using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>An instrument as the venue lists it.</summary>
/// <param name="Asset">Its numbers and names.</param>
/// <param name="Instrument">Its rules.</param>
public sealed record ListedAsset(TradedAsset Asset, Instrument Instrument)
{
    private static readonly Usd MinNotional = Usd.Of(1_000_000_000);

    /// <summary>Finds a perpetual of the first dex by its coin. Null and a sentence when the venue does not list or trade it.</summary>
    public static async Task<(ListedAsset? Found, string Why)> FindPerpAsync(
        IVenueRest rest,
        string coin,
        InstrumentId id,
        CancellationToken stop
    )
    {
        var (meta, why) = await rest.AskAsync(Info.Meta, Question.Of("meta"), stop).ConfigureAwait(false);
        if (meta is null)
            return (null, why);
        for (var i = 0; i < meta.Universe.Count; i++)
        {
            var listed = meta.Universe[i];
            if (listed.Name != coin)
                continue;
            if (listed.IsDelisted)
                return (null, $"{coin} is delisted at the venue");
            return (
                new ListedAsset(
                    new TradedAsset(id, i, coin, null),
                    new Instrument(
                        id,
                        new VenueId(0),
                        coin,
                        InstrumentKind.Perp,
                        listed.SzDecimals,
                        listed.MaxLeverage,
                        MinNotional
                    )
                ),
                ""
            );
        }

        return (null, $"the venue lists no perpetual {coin}");
    }
}
