using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A message of the WebSocket (protocol 6); a closed union. <see cref="Streams"/> reads and writes it.</summary>
public abstract record StreamMessage
{
    private StreamMessage() { }

    /// <summary>Subscribed or unsubscribed, with the echo of what was asked.</summary>
    public sealed record Acknowledged(string Method, Subscription Subscription) : StreamMessage;

    /// <summary>The venue did not understand or does not want; its words.</summary>
    public sealed record Refused(string Text) : StreamMessage;

    /// <summary>The answer to a ping.</summary>
    public sealed record Pong : StreamMessage;

    /// <summary>The answer to a <c>post</c> request.</summary>
    public sealed record Posted(PostReply Reply) : StreamMessage;

    /// <summary>A whole book.</summary>
    public sealed record BookMoved(Book Book) : StreamMessage;

    /// <summary>The best quote after a block.</summary>
    public sealed record BboMoved(Bbo Bbo) : StreamMessage;

    /// <summary>Trades of one block, or the backlog.</summary>
    public sealed record Traded(Rows<Trade> Trades) : StreamMessage;

    /// <summary>A candle changed.</summary>
    public sealed record CandleMoved(Candle Candle) : StreamMessage;

    /// <summary>The middle of every book; of the first dex where none is named.</summary>
    public sealed record Mids(Rows<Mid> Rows, string? Dex) : StreamMessage;

    /// <summary>The running numbers of a perpetual.</summary>
    public sealed record PerpMoved(string Coin, PerpContext Context) : StreamMessage;

    /// <summary>The running numbers of a spot pair.</summary>
    public sealed record SpotMoved(string Coin, SpotContext Context) : StreamMessage;

    /// <summary>The running numbers of every perpetual of every dex.</summary>
    public sealed record AllContexts(Rows<DexContexts> Dexs) : StreamMessage;

    /// <summary>The running numbers of every perpetual of a dex.</summary>
    public sealed record PerpsMoved(string Dex, Rows<PerpContext> Rows) : StreamMessage;

    /// <summary>The running numbers of every spot pair.</summary>
    public sealed record SpotsMoved(Rows<SpotContext> Rows) : StreamMessage;

    /// <summary>What the account may trade of a perpetual.</summary>
    public sealed record Tradable(AssetData Data) : StreamMessage;

    /// <summary>Orders with their last word; with <paramref name="IsSnapshot"/> the latest, known or not.</summary>
    public sealed record OrderHistory(string User, Rows<OrderRow> Rows, bool IsSnapshot) : StreamMessage;

    /// <summary>Slices of TWAPs; with <paramref name="IsSnapshot"/> the latest, known or not.</summary>
    public sealed record Sliced(string User, Rows<TwapSliceFill> Rows, bool IsSnapshot) : StreamMessage;

    /// <summary>Orders in new states.</summary>
    public sealed record OrdersMoved(Rows<OrderUpdate> Rows) : StreamMessage;

    /// <summary>Something happened to the account.</summary>
    public sealed record UserMoved(UserNews News) : StreamMessage;

    /// <summary>Fills; with <paramref name="IsSnapshot"/> the latest ones, known or not.</summary>
    public sealed record Filled(string User, Rows<UserFill> Fills, bool IsSnapshot) : StreamMessage;

    /// <summary>Funding; with <paramref name="IsSnapshot"/> the latest payments, known or not.</summary>
    public sealed record Funded(string User, Rows<UserFunding> Rows, bool IsSnapshot) : StreamMessage;

    /// <summary>Ledger entries; with <paramref name="IsSnapshot"/> the latest, known or not.</summary>
    public sealed record LedgerMoved(string User, Rows<LedgerUpdate> Rows, bool IsSnapshot) : StreamMessage;

    /// <summary>A perp account.</summary>
    public sealed record PerpAccount(string Dex, string User, PerpState State) : StreamMessage;

    /// <summary>Spot balances.</summary>
    public sealed record SpotAccount(string User, SpotState State) : StreamMessage;

    /// <summary>All open orders of a dex.</summary>
    public sealed record OrdersListed(string Dex, string User, Rows<FrontendOrder> Orders) : StreamMessage;

    /// <summary>What became of TWAPs; with <paramref name="IsSnapshot"/> the latest, known or not.</summary>
    public sealed record TwapsTold(string User, Rows<TwapRow> Rows, bool IsSnapshot) : StreamMessage;

    /// <summary>All TWAPs at work of a dex.</summary>
    public sealed record TwapsListed(string Dex, string User, Rows<RunningTwap> Twaps) : StreamMessage;

    /// <summary>The perp account of every dex.</summary>
    public sealed record PerpAccounts(string User, Rows<DexState> Dexs) : StreamMessage;

    /// <summary>What the venue's older page shows.</summary>
    public sealed record OldPage(WebData2 Page) : StreamMessage;

    /// <summary>What the venue's newer page shows.</summary>
    public sealed record NewPage(WebData3 Page) : StreamMessage;

    /// <summary>Marks and middles that changed; all of them at first.</summary>
    public sealed record MarksMoved(Rows<FastContext> Rows) : StreamMessage;

    /// <summary>Outcomes and questions changed.</summary>
    public sealed record OutcomesMoved(Rows<OutcomeNews> Rows) : StreamMessage;

    /// <summary>A text for people.</summary>
    public sealed record Notice(string Text) : StreamMessage;

    /// <summary>Blocks; a bare list on the wire.</summary>
    public sealed record Blocks(Rows<ExplorerBlock> Rows) : StreamMessage;

    /// <summary>Transactions; a bare list on the wire.</summary>
    public sealed record Executed(Rows<ExplorerTx> Rows) : StreamMessage;

    /// <summary>A channel that is not read.</summary>
    public sealed record Other(string Channel) : StreamMessage;
}
