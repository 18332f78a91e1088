using System.Collections.Immutable;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>A channel of a feed as the core knows it.</summary>
/// <param name="Channel">Of the core.</param>
/// <param name="Coin">Whose; null where it is of no single instrument.</param>
/// <param name="Cause">As which cause its loss counts.</param>
internal sealed record PlannedChannel(Channel Channel, FeedCoin? Coin, LossCause Cause);

/// <summary>What is subscribed to, by the name of each channel.</summary>
internal static class FeedPlan
{
    /// <summary>Books, best quotes, trades and running numbers of every coin.</summary>
    public static ImmutableArray<(LinkChannel Link, PlannedChannel Plan)> Market(FeedOptions options) =>
        [.. options.Coins.SelectMany(coin => Market(coin, options.Books))];

    /// <summary>Orders, fills, what else happens, and funding.</summary>
    public static ImmutableArray<(LinkChannel Link, PlannedChannel Plan)> Account(string user)
    {
        return
        [
            One("orderUpdates", ChannelManner.OnEvents),
            One("userFills", ChannelManner.FirstThenEvents),
            One("userEvents", ChannelManner.OnEvents),
            One("userFundings", ChannelManner.FirstThenEvents),
        ];

        (LinkChannel, PlannedChannel) One(string type, ChannelManner manner) =>
            (
                new LinkChannel(new FeedChannel(type, manner), new Subscription(type, User: user)),
                new PlannedChannel(Channel.Account, null, LossCause.Feed)
            );
    }

    /// <summary>Blocks. Their silence on a living connection is the chain's, and the core's to judge.</summary>
    public static ImmutableArray<(LinkChannel Link, PlannedChannel Plan)> Blocks { get; } =
    [
        (
            new LinkChannel(
                new FeedChannel("explorerBlock", ChannelManner.FirstThenEvents),
                new Subscription("explorerBlock")
            ),
            new PlannedChannel(Channel.Blocks, null, LossCause.Feed)
        ),
    ];

    /// <summary>The name of a channel of one coin.</summary>
    public static string NameOf(Channel channel, string coin, bool isFast = false) =>
        channel switch
        {
            Channel.Book => isFast ? $"l2Book {coin} fast" : $"l2Book {coin}",
            Channel.Bbo => $"bbo {coin}",
            Channel.Trades => $"trades {coin}",
            _ => $"activeAssetCtx {coin}",
        };

    private static IEnumerable<(LinkChannel, PlannedChannel)> Market(FeedCoin coin, BookKinds books)
    {
        if (books.HasFlag(BookKinds.Full))
            yield return One("l2Book", Channel.Book, ChannelManner.Periodic, LossCause.Feed);
        if (books.HasFlag(BookKinds.Fast))
            yield return One("l2Book", Channel.Book, ChannelManner.Periodic, LossCause.SecondFeed, isFast: true);
        yield return One("bbo", Channel.Bbo, ChannelManner.FirstThenEvents, LossCause.Feed);
        // Its backlog may be absent.
        yield return One("trades", Channel.Trades, ChannelManner.OnEvents, LossCause.Feed);
        yield return One("activeAssetCtx", Channel.Context, ChannelManner.Periodic, LossCause.Feed);

        (LinkChannel, PlannedChannel) One(
            string type,
            Channel channel,
            ChannelManner manner,
            LossCause cause,
            bool isFast = false
        ) =>
            (
                new LinkChannel(
                    new FeedChannel(NameOf(channel, coin.Coin, isFast), manner),
                    new Subscription(type, Coin: coin.Coin, IsFast: isFast)
                ),
                new PlannedChannel(channel, coin, cause)
            );
    }
}
