using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>
/// Reads and writes whole messages of the WebSocket as types. Books, best quotes, trades, the account's orders and fills, and
/// blocks have scanners of their own.
/// </summary>
public static class Streams
{
    private static readonly Dictionary<string, Func<JsonElement, WireReader, StreamMessage>> ByChannel = new()
    {
        ["subscriptionResponse"] = static (data, read) =>
            new StreamMessage.Acknowledged(
                read.Text(data, "method"),
                Subscription.Read(read.Member(data, "subscription"), read)
            ),
        ["error"] = static (data, read) => new StreamMessage.Refused(read.TextOf(data, "data")),
        ["post"] = static (data, read) => new StreamMessage.Posted(PostReply.Read(data, read)),
        ["l2Book"] = static (data, read) => new StreamMessage.BookMoved(Book.Read(data, read)),
        ["bbo"] = static (data, read) => new StreamMessage.BboMoved(Bbo.Read(data, read)),
        ["trades"] = static (data, read) => new StreamMessage.Traded(read.RowsOf(data, "data", Trade.Read)),
        ["candle"] = static (data, read) => new StreamMessage.CandleMoved(Candle.Read(data, read)),
        ["allMids"] = static (data, read) =>
            new StreamMessage.Mids(Mid.ReadAll(read.Member(data, "mids"), read), read.OptionalText(data, "dex")),
        ["activeAssetCtx"] = static (data, read) =>
            new StreamMessage.PerpMoved(read.Text(data, "coin"), PerpContext.Read(read.Member(data, "ctx"), read)),
        ["activeSpotAssetCtx"] = static (data, read) =>
            new StreamMessage.SpotMoved(read.Text(data, "coin"), SpotContext.Read(read.Member(data, "ctx"), read)),
        ["allDexsAssetCtxs"] = static (data, read) =>
            new StreamMessage.AllContexts(read.Rows(data, "ctxs", DexContexts.Read)),
        ["assetCtxs"] = static (data, read) =>
            new StreamMessage.PerpsMoved(
                read.OptionalText(data, "dex") ?? "",
                read.Rows(data, "ctxs", PerpContext.Read)
            ),
        ["spotAssetCtxs"] = static (data, read) =>
            new StreamMessage.SpotsMoved(read.RowsOf(data, "data", SpotContext.Read)),
        ["activeAssetData"] = static (data, read) => new StreamMessage.Tradable(AssetData.Read(data, read)),
        ["userHistoricalOrders"] = OfUser(
            "orderHistory",
            OrderRow.Read,
            static (user, rows, isSnapshot) => new StreamMessage.OrderHistory(user, rows, isSnapshot)
        ),
        ["userTwapSliceFills"] = OfUser(
            "twapSliceFills",
            TwapSliceFill.Read,
            static (user, rows, isSnapshot) => new StreamMessage.Sliced(user, rows, isSnapshot)
        ),
        ["orderUpdates"] = static (data, read) =>
            new StreamMessage.OrdersMoved(read.RowsOf(data, "data", OrderUpdate.Read)),
        ["user"] = static (data, read) => new StreamMessage.UserMoved(UserNews.Read(data, read)),
        ["userFills"] = OfUser(
            "fills",
            UserFill.Read,
            static (user, rows, isSnapshot) => new StreamMessage.Filled(user, rows, isSnapshot)
        ),
        ["userFundings"] = OfUser(
            "fundings",
            UserFunding.ReadFlat,
            static (user, rows, isSnapshot) => new StreamMessage.Funded(user, rows, isSnapshot)
        ),
        ["userNonFundingLedgerUpdates"] = OfUser(
            "nonFundingLedgerUpdates",
            LedgerUpdate.Read,
            static (user, rows, isSnapshot) => new StreamMessage.LedgerMoved(user, rows, isSnapshot)
        ),
        ["clearinghouseState"] = static (data, read) =>
            new StreamMessage.PerpAccount(
                read.Text(data, "dex"),
                read.Text(data, "user"),
                PerpState.Read(read.Member(data, "clearinghouseState"), read)
            ),
        ["spotState"] = static (data, read) =>
            new StreamMessage.SpotAccount(
                read.Text(data, "user"),
                SpotState.Read(read.Member(data, "spotState"), read)
            ),
        ["openOrders"] = static (data, read) =>
            new StreamMessage.OrdersListed(
                read.Text(data, "dex"),
                read.Text(data, "user"),
                read.Rows(data, "orders", FrontendOrder.Read)
            ),
        ["userTwapHistory"] = OfUser(
            "history",
            TwapRow.Read,
            static (user, rows, isSnapshot) => new StreamMessage.TwapsTold(user, rows, isSnapshot)
        ),
        ["twapStates"] = static (data, read) =>
            new StreamMessage.TwapsListed(
                read.Text(data, "dex"),
                read.Text(data, "user"),
                read.Rows(data, "states", RunningTwap.Read)
            ),
        ["allDexsClearinghouseState"] = static (data, read) =>
            new StreamMessage.PerpAccounts(
                read.Text(data, "user"),
                read.Rows(data, "clearinghouseStates", DexState.Read)
            ),
        ["webData2"] = static (data, read) => new StreamMessage.OldPage(WebData2.Read(data, read)),
        ["webData3"] = static (data, read) => new StreamMessage.NewPage(WebData3.Read(data, read)),
        ["fastAssetCtxs"] = static (data, read) => new StreamMessage.MarksMoved(FastContext.Read(data, read)),
        ["outcomeMetaUpdates"] = static (data, read) =>
            new StreamMessage.OutcomesMoved(read.Rows(data, "updates", OutcomeNews.Read)),
        ["notification"] = static (data, read) => new StreamMessage.Notice(read.Text(data, "notification")),
    };

    /// <summary>Every message, read and written.</summary>
    public static Shape<StreamMessage> Shape { get; } = new("?", Read, StreamWriter.Write);

    /// <summary>
    /// Reads a frame. The greeting, which is no JSON, is an error of channel <c>?</c> and may be ignored; a channel that is not read
    /// is <see cref="StreamMessage.Other"/>.
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> frame,
        [NotNullWhen(true)] out StreamMessage? message,
        [NotNullWhen(false)] out WireError? error
    ) => Shape.TryDecode(frame, out message, out error);

    /// <summary>Writes a frame.</summary>
    public static void Write(StreamMessage message, IBufferWriter<byte> into) => Shape.Encode(message, into);

    // Rows of an account: the latest with the subscription, then the new ones.
    private static Func<JsonElement, WireReader, StreamMessage> OfUser<T>(
        string member,
        Func<JsonElement, WireReader, T> row,
        Func<string, Rows<T>, bool, StreamMessage> make
    ) =>
        (data, read) =>
            make(read.Text(data, "user"), read.Rows(data, member, row), read.OptionalFlag(data, "isSnapshot"));

    private static StreamMessage Read(JsonElement frame, WireReader read)
    {
        if (frame.ValueKind == JsonValueKind.Array)
            return Bare(frame);
        var channel = read.Text(frame, "channel");
        if (channel == "pong")
            return new StreamMessage.Pong();
        if (!ByChannel.TryGetValue(channel, out var item))
            return new StreamMessage.Other(channel);
        var named = new WireReader(channel);
        return item(named.Member(frame, "data"), named);
    }

    // The explorer's lists have no envelope: their first row says what they are.
    private static StreamMessage Bare(JsonElement rows)
    {
        var isTransactions = rows.GetArrayLength() > 0 && WireReader.TryMember(rows[0], "action", out _);
        if (isTransactions)
            return new StreamMessage.Executed(new WireReader("explorerTxs").RowsOf(rows, "data", ExplorerTx.Read));
        return new StreamMessage.Blocks(new WireReader("explorerBlock").RowsOf(rows, "data", ExplorerBlock.Read));
    }
}
