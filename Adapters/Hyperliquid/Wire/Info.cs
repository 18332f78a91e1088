using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>The answers to <c>/info</c> requests by the request's type, and the answer to <c>/exchange</c>.</summary>
public static class Info
{
    private static readonly Dictionary<string, Shape> ByName = [];

    /// <summary>Perpetuals of a dex.</summary>
    public static Shape<Meta> Meta { get; } = One("meta", Wire.Meta.Read, Wire.Meta.Write);

    /// <summary>The same with running numbers.</summary>
    public static Shape<MetaAndContexts> MetaAndAssetCtxs { get; } =
        One("metaAndAssetCtxs", MetaAndContexts.Read, MetaAndContexts.Write);

    /// <summary>Perpetuals of every dex.</summary>
    public static Shape<Rows<Meta>> AllPerpMetas { get; } = List("allPerpMetas", Wire.Meta.Read, Wire.Meta.Write);

    /// <summary>Dexs by number; the first has no facts.</summary>
    public static Shape<Rows<PerpDex?>> PerpDexs { get; } = List("perpDexs", PerpDex.ReadPlace, PerpDex.WritePlace);

    /// <summary>Spot pairs and tokens.</summary>
    public static Shape<SpotMeta> SpotMeta { get; } = One("spotMeta", Wire.SpotMeta.Read, Wire.SpotMeta.Write);

    /// <summary>The same with running numbers.</summary>
    public static Shape<SpotMetaAndContexts> SpotMetaAndAssetCtxs { get; } =
        One("spotMetaAndAssetCtxs", SpotMetaAndContexts.Read, SpotMetaAndContexts.Write);

    /// <summary>The middle of every book.</summary>
    public static Shape<Rows<Mid>> AllMids { get; } = One("allMids", Mid.ReadAll, Mid.WriteAll);

    /// <summary>A book.</summary>
    public static Shape<BookReply> L2Book { get; } = One("l2Book", BookReply.Read, BookReply.Write);

    /// <summary>Candles, oldest first.</summary>
    public static Shape<Rows<Candle>> CandleSnapshot { get; } = List("candleSnapshot", Candle.Read, Candle.Write);

    /// <summary>Trades, newest first.</summary>
    public static Shape<Rows<Trade>> RecentTrades { get; } = List("recentTrades", Trade.Read, Trade.Write);

    /// <summary>Paid rates, oldest first.</summary>
    public static Shape<Rows<FundingRow>> FundingHistory { get; } =
        List("fundingHistory", FundingRow.Read, FundingRow.Write);

    /// <summary>What venues are expected to pay next.</summary>
    public static Shape<Rows<PredictedFunding>> PredictedFundings { get; } =
        List("predictedFundings", PredictedFunding.Read, PredictedFunding.Write);

    /// <summary>A perp account.</summary>
    public static Shape<PerpState> ClearinghouseState { get; } =
        One("clearinghouseState", PerpState.Read, PerpState.Write);

    /// <summary>Spot balances.</summary>
    public static Shape<SpotState> SpotClearinghouseState { get; } =
        One("spotClearinghouseState", SpotState.Read, SpotState.Write);

    /// <summary>Open orders, newest first.</summary>
    public static Shape<Rows<ListedOrder>> OpenOrders { get; } =
        List("openOrders", ListedOrder.Read, ListedOrder.Write);

    /// <summary>The same with triggers and kinds.</summary>
    public static Shape<Rows<FrontendOrder>> FrontendOpenOrders { get; } =
        List("frontendOpenOrders", FrontendOrder.Read, FrontendOrder.Write);

    /// <summary>One order.</summary>
    public static Shape<OrderStatusReply> OrderStatus { get; } =
        One("orderStatus", OrderStatusReply.Read, OrderStatusReply.Write);

    /// <summary>Orders with their last word, newest first.</summary>
    public static Shape<Rows<OrderRow>> HistoricalOrders { get; } =
        List("historicalOrders", OrderRow.Read, OrderRow.Write);

    /// <summary>Fills; sort them.</summary>
    public static Shape<Rows<UserFill>> UserFills { get; } = List("userFills", UserFill.Read, UserFill.Write);

    /// <summary>Fills of a time; sort them.</summary>
    public static Shape<Rows<UserFill>> UserFillsByTime { get; } =
        List("userFillsByTime", UserFill.Read, UserFill.Write);

    /// <summary>Fills of TWAPs.</summary>
    public static Shape<Rows<TwapSliceFill>> UserTwapSliceFills { get; } =
        List("userTwapSliceFills", TwapSliceFill.Read, TwapSliceFill.Write);

    /// <summary>Funding of an account, oldest first.</summary>
    public static Shape<Rows<UserFunding>> UserFunding { get; } =
        List("userFunding", Wire.UserFunding.Read, Wire.UserFunding.Write);

    /// <summary>Money that came, went or moved, oldest first.</summary>
    public static Shape<Rows<LedgerUpdate>> UserNonFundingLedgerUpdates { get; } =
        List("userNonFundingLedgerUpdates", LedgerUpdate.Read, LedgerUpdate.Write);

    /// <summary>The action budget of an address.</summary>
    public static Shape<UserRateLimit> UserRateLimit { get; } =
        One("userRateLimit", Wire.UserRateLimit.Read, Wire.UserRateLimit.Write);

    /// <summary>Fees of an account.</summary>
    public static Shape<UserFees> UserFees { get; } = One("userFees", Wire.UserFees.Read, Wire.UserFees.Write);

    /// <summary>What an address is.</summary>
    public static Shape<UserRole> UserRole { get; } = One("userRole", Wire.UserRole.Read, Wire.UserRole.Write);

    /// <summary>The mode of an account, as the venue's word.</summary>
    public static Shape<string> UserAbstraction { get; } = Text("userAbstraction");

    /// <summary>Named API wallets.</summary>
    public static Shape<Rows<ExtraAgent>> ExtraAgents { get; } = List("extraAgents", ExtraAgent.Read, ExtraAgent.Write);

    /// <summary>Sub-accounts with the first dex.</summary>
    public static Shape<Rows<SubAccount>> SubAccounts { get; } =
        One("subAccounts", SubAccount.ReadAll, SubAccount.WriteAll);

    /// <summary>Sub-accounts with every dex.</summary>
    public static Shape<Rows<SubAccount>> SubAccounts2 { get; } =
        One("subAccounts2", SubAccount.ReadAll2, SubAccount.WriteAll2);

    /// <summary>The venue's clock.</summary>
    public static Shape<ExchangeStatus> ExchangeStatus { get; } =
        One("exchangeStatus", Wire.ExchangeStatus.Read, Wire.ExchangeStatus.Write);

    /// <summary>Coins whose open interest is capped.</summary>
    public static Shape<Rows<string>> PerpsAtOpenInterestCap { get; } =
        List(
            "perpsAtOpenInterestCap",
            static (coin, read) => read.TextOf(coin, "coin"),
            static (coin, json) => json.WriteStringValue(coin)
        );

    /// <summary>The approved fee of a builder in tenths of a basis point.</summary>
    public static Shape<long> MaxBuilderFee { get; } =
        One(
            "maxBuilderFee",
            static (fee, read) => read.WholeOf(fee, "reply"),
            static (fee, json) => json.WriteNumberValue(fee)
        );

    /// <summary>What an account may trade of a perpetual.</summary>
    public static Shape<AssetData> ActiveAssetData { get; } = One("activeAssetData", AssetData.Read, AssetData.Write);

    /// <summary>Validators.</summary>
    public static Shape<Rows<ValidatorSummary>> ValidatorSummaries { get; } =
        List("validatorSummaries", ValidatorSummary.Read, ValidatorSummary.Write);

    /// <summary>Outcomes and questions.</summary>
    public static Shape<OutcomeMeta> OutcomeMeta { get; } =
        One("outcomeMeta", Wire.OutcomeMeta.Read, Wire.OutcomeMeta.Write);

    /// <summary>Value and result of an account by period.</summary>
    public static Shape<Rows<PortfolioPeriod>> Portfolio { get; } =
        List("portfolio", PortfolioPeriod.Read, PortfolioPeriod.Write);

    /// <summary>What an account has in vaults.</summary>
    public static Shape<Rows<VaultEquity>> UserVaultEquities { get; } =
        List("userVaultEquities", VaultEquity.Read, VaultEquity.Write);

    /// <summary>Facts of one token.</summary>
    public static Shape<TokenDetails> TokenDetails { get; } =
        One("tokenDetails", Wire.TokenDetails.Read, Wire.TokenDetails.Write);

    /// <summary>Staking of an account, newest first.</summary>
    public static Shape<Rows<DelegatorStep>> DelegatorHistory { get; } =
        List("delegatorHistory", DelegatorStep.Read, DelegatorStep.Write);

    /// <summary>What an account has staked.</summary>
    public static Shape<Rows<Delegation>> Delegations { get; } = List("delegations", Delegation.Read, Delegation.Write);

    /// <summary>Its staking in all.</summary>
    public static Shape<DelegatorSummary> DelegatorSummary { get; } =
        One("delegatorSummary", Wire.DelegatorSummary.Read, Wire.DelegatorSummary.Write);

    /// <summary>What staking brought.</summary>
    public static Shape<Rows<DelegatorReward>> DelegatorRewards { get; } =
        List("delegatorRewards", DelegatorReward.Read, DelegatorReward.Write);

    /// <summary>A vault.</summary>
    public static Shape<VaultReply> VaultDetails { get; } = One("vaultDetails", VaultReply.Read, VaultReply.Write);

    /// <summary>An account's referrals.</summary>
    public static Shape<Referral> Referral { get; } = One("referral", Wire.Referral.Read, Wire.Referral.Write);

    /// <summary>Who may sign for an account of several.</summary>
    public static Shape<MultiSigSigners> UserToMultiSigSigners { get; } =
        One("userToMultiSigSigners", MultiSigSigners.Read, MultiSigSigners.Write);

    /// <summary>What became of an account's TWAPs.</summary>
    public static Shape<Rows<TwapRow>> TwapHistory { get; } = List("twapHistory", TwapRow.Read, TwapRow.Write);

    /// <summary>Fills of TWAPs in a time.</summary>
    public static Shape<Rows<TwapSliceFill>> UserTwapSliceFillsByTime { get; } =
        List("userTwapSliceFillsByTime", TwapSliceFill.Read, TwapSliceFill.Write);

    /// <summary>Builders whose fee an account approved.</summary>
    public static Shape<Rows<string>> ApprovedBuilders { get; } =
        List(
            "approvedBuilders",
            static (builder, read) => read.TextOf(builder, "builder"),
            static (builder, json) => json.WriteStringValue(builder)
        );

    /// <summary>What the venue's older page shows.</summary>
    public static Shape<WebData2> WebData2 { get; } = One("webData2", Wire.WebData2.Read, Wire.WebData2.Write);

    /// <summary>The answer to an action.</summary>
    public static Shape<ExchangeReply> Exchange { get; } = One("exchange", ExchangeReply.Read, ExchangeReply.Write);

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, Shape> All => ByName;

    private static Shape<T> One<T>(string name, Func<JsonElement, WireReader, T> read, Action<T, Utf8JsonWriter> write)
        where T : notnull
    {
        var shape = new Shape<T>(name, read, write);
        ByName.Add(name, shape);
        return shape;
    }

    private static Shape<Rows<T>> List<T>(
        string name,
        Func<JsonElement, WireReader, T> read,
        Action<T, Utf8JsonWriter> write
    ) =>
        One<Rows<T>>(
            name,
            (json, reader) => reader.RowsOf(json, "reply", read),
            (rows, json) => json.PutRows(rows, write)
        );

    private static Shape<string> Text(string name) =>
        One(
            name,
            static (word, read) => read.TextOf(word, "reply"),
            static (word, json) => json.WriteStringValue(word)
        );
}
