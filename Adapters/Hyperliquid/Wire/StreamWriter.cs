using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>Messages of the WebSocket as the venue lays them out.</summary>
internal static class StreamWriter
{
    public static void Write(StreamMessage message, Utf8JsonWriter json)
    {
        switch (message)
        {
            case StreamMessage.Blocks blocks:
                json.PutRows(blocks.Rows, ExplorerBlock.Write);
                return;
            case StreamMessage.Executed transactions:
                json.PutRows(transactions.Rows, ExplorerTx.Write);
                return;
            default:
                break;
        }

        json.WriteStartObject();
        json.Put("channel", ChannelOf(message));
        if (message is not (StreamMessage.Pong or StreamMessage.Other))
        {
            json.WritePropertyName("data");
            Data(message, json);
        }

        json.WriteEndObject();
    }

    private static string ChannelOf(StreamMessage message) =>
        message switch
        {
            StreamMessage.Acknowledged => "subscriptionResponse",
            StreamMessage.Refused => "error",
            StreamMessage.Pong => "pong",
            StreamMessage.Posted => "post",
            StreamMessage.BookMoved => "l2Book",
            StreamMessage.BboMoved => "bbo",
            StreamMessage.Traded => "trades",
            StreamMessage.CandleMoved => "candle",
            StreamMessage.Mids => "allMids",
            StreamMessage.PerpMoved => "activeAssetCtx",
            StreamMessage.SpotMoved => "activeSpotAssetCtx",
            StreamMessage.AllContexts => "allDexsAssetCtxs",
            StreamMessage.PerpsMoved => "assetCtxs",
            StreamMessage.SpotsMoved => "spotAssetCtxs",
            StreamMessage.Tradable => "activeAssetData",
            StreamMessage.OrderHistory => "userHistoricalOrders",
            StreamMessage.Sliced => "userTwapSliceFills",
            StreamMessage.OrdersMoved => "orderUpdates",
            StreamMessage.UserMoved => "user",
            StreamMessage.Filled => "userFills",
            StreamMessage.Funded => "userFundings",
            StreamMessage.LedgerMoved => "userNonFundingLedgerUpdates",
            StreamMessage.PerpAccount => "clearinghouseState",
            StreamMessage.SpotAccount => "spotState",
            StreamMessage.OrdersListed => "openOrders",
            StreamMessage.TwapsTold => "userTwapHistory",
            StreamMessage.TwapsListed => "twapStates",
            StreamMessage.PerpAccounts => "allDexsClearinghouseState",
            StreamMessage.OldPage => "webData2",
            StreamMessage.NewPage => "webData3",
            StreamMessage.MarksMoved => "fastAssetCtxs",
            StreamMessage.OutcomesMoved => "outcomeMetaUpdates",
            StreamMessage.Notice => "notification",
            StreamMessage.Other other => other.Channel,
            _ => "",
        };

    private static void Data(StreamMessage message, Utf8JsonWriter json)
    {
        switch (message)
        {
            case StreamMessage.Refused refused:
                json.WriteStringValue(refused.Text);
                break;
            case StreamMessage.Posted posted:
                PostReply.Write(posted.Reply, json);
                break;
            case StreamMessage.BookMoved moved:
                Book.Write(moved.Book, json);
                break;
            case StreamMessage.BboMoved moved:
                Bbo.Write(moved.Bbo, json);
                break;
            case StreamMessage.Traded traded:
                json.PutRows(traded.Trades, Trade.Write);
                break;
            case StreamMessage.CandleMoved moved:
                Candle.Write(moved.Candle, json);
                break;
            case StreamMessage.OrdersMoved moved:
                json.PutRows(moved.Rows, OrderUpdate.Write);
                break;
            case StreamMessage.SpotsMoved contexts:
                json.PutRows(contexts.Rows, SpotContext.Write);
                break;
            case StreamMessage.Tradable tradable:
                AssetData.Write(tradable.Data, json);
                break;
            case StreamMessage.OldPage old:
                WebData2.Write(old.Page, json);
                break;
            case StreamMessage.NewPage page:
                WebData3.Write(page.Page, json);
                break;
            case StreamMessage.MarksMoved marks:
                FastContext.Write(marks.Rows, json);
                break;
            case StreamMessage.UserMoved moved:
                UserNews.Write(moved.News, json);
                break;
            default:
                json.WriteStartObject();
                if (!Market(message, json))
                    Account(message, json);
                json.WriteEndObject();
                break;
        }
    }

    private static bool Market(StreamMessage message, Utf8JsonWriter json)
    {
        switch (message)
        {
            case StreamMessage.Acknowledged ack:
                json.Put("method", ack.Method);
                json.WritePropertyName("subscription");
                Subscription.Write(ack.Subscription, json);
                return true;
            case StreamMessage.Mids mids:
                json.WritePropertyName("mids");
                Mid.WriteAll(mids.Rows, json);
                json.PutAny("dex", mids.Dex);
                return true;
            case StreamMessage.PerpMoved moved:
                json.Put("coin", moved.Coin);
                json.WritePropertyName("ctx");
                PerpContext.Write(moved.Context, json);
                return true;
            case StreamMessage.SpotMoved moved:
                json.Put("coin", moved.Coin);
                json.WritePropertyName("ctx");
                SpotContext.Write(moved.Context, json);
                return true;
            case StreamMessage.AllContexts all:
                json.PutRows("ctxs", all.Dexs, DexContexts.Write);
                return true;
            case StreamMessage.PerpsMoved contexts:
                json.Put("dex", contexts.Dex);
                json.PutRows("ctxs", contexts.Rows, PerpContext.Write);
                return true;
            case StreamMessage.OutcomesMoved outcomes:
                json.PutRows("updates", outcomes.Rows, OutcomeNews.Write);
                return true;
            case StreamMessage.Notice notice:
                json.Put("notification", notice.Text);
                return true;
            default:
                return false;
        }
    }

    private static void Account(StreamMessage message, Utf8JsonWriter json)
    {
        switch (message)
        {
            case StreamMessage.Filled filled:
                OfUser(json, filled.IsSnapshot, filled.User, "fills", filled.Fills, UserFill.Write);
                break;
            case StreamMessage.Funded funded:
                OfUser(json, funded.IsSnapshot, funded.User, "fundings", funded.Rows, UserFunding.WriteFlat);
                break;
            case StreamMessage.LedgerMoved moved:
                OfUser(json, moved.IsSnapshot, moved.User, "nonFundingLedgerUpdates", moved.Rows, LedgerUpdate.Write);
                break;
            case StreamMessage.OrderHistory history:
                OfUser(json, history.IsSnapshot, history.User, "orderHistory", history.Rows, OrderRow.Write);
                break;
            case StreamMessage.Sliced sliced:
                OfUser(json, sliced.IsSnapshot, sliced.User, "twapSliceFills", sliced.Rows, TwapSliceFill.Write);
                break;
            case StreamMessage.PerpAccount account:
                json.Put("dex", account.Dex);
                json.Put("user", account.User);
                json.WritePropertyName("clearinghouseState");
                PerpState.Write(account.State, json);
                break;
            case StreamMessage.SpotAccount account:
                json.Put("user", account.User);
                json.WritePropertyName("spotState");
                SpotState.Write(account.State, json);
                break;
            case StreamMessage.TwapsTold twaps:
                OfUser(json, twaps.IsSnapshot, twaps.User, "history", twaps.Rows, TwapRow.Write);
                break;
            case StreamMessage.TwapsListed twaps:
                json.Put("dex", twaps.Dex);
                json.Put("user", twaps.User);
                json.PutRows("states", twaps.Twaps, RunningTwap.Write);
                break;
            case StreamMessage.PerpAccounts accounts:
                json.Put("user", accounts.User);
                json.PutRows("clearinghouseStates", accounts.Dexs, DexState.Write);
                break;
            case StreamMessage.OrdersListed open:
                json.Put("dex", open.Dex);
                json.Put("user", open.User);
                json.PutRows("orders", open.Orders, FrontendOrder.Write);
                break;
            default:
                break;
        }
    }

    private static void OfUser<T>(
        Utf8JsonWriter json,
        bool isSnapshot,
        string user,
        string member,
        Rows<T> rows,
        Action<T, Utf8JsonWriter> write
    )
    {
        json.PutAny("isSnapshot", isSnapshot);
        json.Put("user", user);
        json.PutRows(member, rows, write);
    }
}
