using System.Collections.Immutable;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>A coin that a run follows.</summary>
/// <param name="Coin">Its name on the wire: <c>BTC</c>, or <c>@107</c> of a spot pair.</param>
/// <param name="Id">Its instrument.</param>
/// <param name="BaseToken">Of a spot pair the token that is bought; none for a perpetual.</param>
public sealed record FeedCoin(string Coin, InstrumentId Id, string? BaseToken = null);

/// <summary>Which books are subscribed to.</summary>
[Flags]
public enum BookKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>20 levels a side, every few seconds.</summary>
    Full = 1,

    /// <summary>5 levels a side, every half second.</summary>
    Fast = 2,

    /// <summary>Both.</summary>
    Both = 3,
}

/// <summary>What a live feed follows, and for whom.</summary>
/// <param name="Network">Where.</param>
/// <param name="Venue">The venue's place in the run.</param>
/// <param name="Coins">The run's instruments of the venue.</param>
/// <param name="Account">The account's place in the run.</param>
/// <param name="User">Its address: the master's, sub-account's or vault's, never the API wallet's. None: no account is followed.</param>
/// <param name="Run">The run's number: orders of other runs are passed over.</param>
/// <param name="From">Fills and payments from before it are of no concern.</param>
/// <param name="Books">Which books.</param>
/// <param name="HasBlocks">Blocks are followed over the explorer's socket.</param>
public sealed record FeedOptions(
    Network Network,
    VenueId Venue,
    ImmutableArray<FeedCoin> Coins,
    AccountId Account,
    Address? User,
    long Run,
    Instant From,
    BookKinds Books = BookKinds.Both,
    bool HasBlocks = true
);
