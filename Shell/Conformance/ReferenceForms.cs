namespace Vrlg.Shell.Conformance;

/// <summary>
/// The answers of the venue as the protocol reference describes them (sections 1.4, 2 and 6.3): every member and its kind.
/// Independent of the types that the client reads them with.
/// </summary>
internal static class ReferenceForms
{
    private const string Market = """
        MarginTable = {description: text, marginTiers: [{lowerBound: decimal, maxLeverage: number}]}
        Asset = {name: text, szDecimals: number, maxLeverage: number, marginTableId?: number, isDelisted?: flag | null,
            onlyIsolated?: flag | null, marginMode?: text | null, growthMode?: text | null, lastGrowthModeChangeTime?: text}
        meta = {universe: [Asset], marginTables?: [(number, MarginTable)], collateralToken?: number}
        PerpCtx = {funding: decimal, openInterest: decimal, prevDayPx: decimal, dayNtlVlm: decimal, premium?: decimal | null,
            oraclePx: decimal, markPx: decimal, midPx?: decimal | null, impactPxs?: (decimal, decimal) | null, dayBaseVlm?: decimal}
        metaAndAssetCtxs = (meta, [PerpCtx])
        allPerpMetas = [meta]
        Pairs = [(text, decimal)]
        PerpDex = {name: text, fullName: text, deployer: text, oracleUpdater: text | null, feeRecipient: text | null,
            assetToStreamingOiCap: Pairs, subDeployers: [(text, [text])], deployerFeeScale?: decimal,
            lastDeployerFeeScaleChangeTime?: text, assetToFundingMultiplier?: Pairs, assetToFundingInterestRate?: Pairs}
        perpDexs = [PerpDex | null]
        SpotPair = {tokens: (number, number), name: text, index: number, isCanonical: flag}
        SpotToken = {name: text, szDecimals: number, weiDecimals: number, index: number, tokenId: text, isCanonical: flag,
            evmContract?: {address: text, evm_extra_wei_decimals: number} | null, fullName?: text | null,
            deployerTradingFeeShare?: decimal}
        spotMeta = {universe: [SpotPair], tokens: [SpotToken]}
        SpotCtx = {prevDayPx: decimal, dayNtlVlm: decimal, markPx: decimal, midPx: decimal | null, circulatingSupply?: decimal,
            coin?: text, totalSupply?: decimal, dayBaseVlm?: decimal}
        spotMetaAndAssetCtxs = (spotMeta, [SpotCtx])
        allMids = {*: decimal}
        Level = {px: decimal, sz: decimal, n: number}
        l2Book = {coin: text, time: number, levels: ([Level], [Level]), spread?: decimal, fast?: flag} | null
        Candle = {t: number, T: number, s: text, i: text, o: decimal, c: decimal, h: decimal, l: decimal, v: decimal, n: number}
        candleSnapshot = [Candle]
        Trade = {coin: text, side: text, px: decimal, sz: decimal, time: number, hash: text, tid: number, users?: (text, text)}
        recentTrades = [Trade]
        fundingHistory = [{coin: text, fundingRate: decimal, premium: decimal, time: number}]
        Predicted = {fundingRate: decimal, nextFundingTime: number, fundingIntervalHours?: number}
        predictedFundings = [(text, [(text, Predicted | null)])]
        perpsAtOpenInterestCap = [text]
        maxMarketOrderNtls = [(number, decimal)]
        marginTable = MarginTable
        outcomeMeta = {outcomes: [{outcome: number, name: text, description: text, sideSpecs: [{name: text, token?: number}],
            quoteToken?: text, deployer?: text | null}], questions: [{question: number, name: text, description: text,
            fallbackOutcome: number | null, namedOutcomes: [number], settledNamedOutcomes: [number]}]}
        exchangeStatus = {time: number, specialStatuses: any}
        liquidatable = [any]
        validatorSummaries = [{validator: text, signer: text, name: text, description: text, nRecentBlocks: number, stake: number,
            isJailed: flag, unjailableAfter: number | null, isActive: flag, commission: decimal,
            stats: [(text, {uptimeFraction: decimal, predictedApr: decimal, nSamples: number})]}]
        tokenDetails = {name: text, maxSupply: decimal, totalSupply: decimal, circulatingSupply: decimal, szDecimals: number,
            weiDecimals: number, midPx: decimal, markPx: decimal, prevDayPx: decimal, genesis: any, deployer: text | null,
            deployGas: decimal | null, deployTime: text | null, seededUsdc: decimal | null, nonCirculatingUserBalances: any,
            futureEmissions: decimal}
        validatorL1Votes = [{expireTime: number, action: any, votes: [text], quorumReached: flag}]
        gossipRootIps = [text]
        """;

    private const string Account = """
        Margin = {accountValue: decimal, totalNtlPos: decimal, totalRawUsd: decimal, totalMarginUsed: decimal}
        Leverage = {type: text, value: number, rawUsd?: decimal}
        Position = {coin: text, szi: decimal, leverage: Leverage, entryPx: decimal | null, positionValue: decimal,
            unrealizedPnl: decimal, returnOnEquity: decimal, liquidationPx: decimal | null, marginUsed: decimal,
            maxLeverage?: number, cumFunding?: {allTime: decimal, sinceOpen: decimal, sinceChange: decimal}, maxTradeSzs?: any}
        clearinghouseState = {marginSummary: Margin, crossMarginSummary: Margin, crossMaintenanceMarginUsed: decimal,
            withdrawable: decimal, assetPositions: [{type: text, position: Position}], time: number}
        Balance = {coin: text, token?: number, total: decimal, hold: decimal, entryNtl: decimal, spotHold?: decimal, ltv?: decimal,
            borrowed?: decimal, supplied?: decimal}
        spotClearinghouseState = {balances: [Balance], portfolioMarginEnabled?: flag, evmEscrows?: any,
            portfolioMarginRatio?: decimal, tokenToPortfolioBorrowRatio?: any, tokenToPortfolioSupplyRatio?: any,
            tokenToAvailableAfterMaintenance?: any}
        activeAssetData = {user: text, coin: text, leverage: Leverage, maxTradeSzs: (decimal, decimal),
            availableToTrade: (decimal, decimal), markPx: decimal}
        History = [(number, decimal)]
        portfolio = [(text, {accountValueHistory: History, pnlHistory: History, vlm: decimal})]
        Day = {date: text, userCross: decimal, userAdd: decimal, exchange: decimal}
        Vip = {ntlCutoff: decimal, cross: decimal, add: decimal, spotCross: decimal, spotAdd: decimal}
        Staking = {bpsOfMaxSupply: decimal, discount: decimal}
        userFees = {dailyUserVlm: [Day], feeSchedule: {cross: decimal, add: decimal, spotCross: decimal, spotAdd: decimal,
            tiers: {vip: [Vip], mm: [{makerFractionCutoff: decimal, add: decimal}]}, referralDiscount: decimal,
            stakingDiscountTiers: [Staking]}, userCrossRate: decimal, userAddRate: decimal, userSpotCrossRate: decimal,
            userSpotAddRate: decimal, activeReferralDiscount: decimal, trial: any, feeTrialEscrow?: decimal, feeTrialReward?: decimal,
            nextTrialAvailableTimestamp: number | null, stakingLink: any, activeStakingDiscount: Staking}
        userRateLimit = {cumVlm: decimal, nRequestsUsed: number, nRequestsCap: number, nRequestsSurplus?: number}
        userRole = {role: text, data?: {user?: text, master?: text}}
        userAbstraction = text
        userDexAbstraction = flag | null
        SubAccount = {name: text, subAccountUser: text, master: text, clearinghouseState: clearinghouseState,
            spotState: spotClearinghouseState}
        subAccounts = [SubAccount] | null
        subAccounts2 = [{name: text, subAccountUser: text, master: text,
            dexToClearinghouseState: [(text, clearinghouseState)], spotState: spotClearinghouseState, abstraction?: text}] | null
        extraAgents = [{name: text, address: text, validUntil: number}]
        maxBuilderFee = number
        approvedBuilders = [text]
        userVaultEquities = [{vaultAddress: text, equity: decimal, lockedUntilTimestamp?: number}]
        userToMultiSigSigners = {authorizedUsers: [text], threshold: number} | null
        delegations = [{validator: text, amount: decimal, lockedUntilTimestamp: number}]
        delegatorHistory = [{time: number, hash: text, delta: {delegate: {validator: text, amount: decimal, isUndelegate: flag}}
            | {cDeposit: {amount: decimal}} | {withdrawal: {amount: decimal, phase: text}}}]
        """;

    private const string Orders = """
        Order = {coin: text, side: text, limitPx: decimal, sz: decimal, oid: number, timestamp: number, origSz?: decimal,
            cloid?: text | null, reduceOnly?: flag}
        openOrders = [Order]
        Child = {coin: text, side: text, limitPx: decimal, sz: decimal, oid: number, timestamp: number, triggerCondition: text,
            isTrigger: flag, triggerPx: decimal, children: [any], isPositionTpsl: flag, reduceOnly: flag, orderType: text,
            origSz: decimal, tif: text | null, cloid?: text | null}
        Front = {coin: text, side: text, limitPx: decimal, sz: decimal, oid: number, timestamp: number, triggerCondition: text,
            isTrigger: flag, triggerPx: decimal, children: [Child], isPositionTpsl: flag, reduceOnly: flag, orderType: text,
            origSz: decimal, tif?: text | null, cloid?: text | null}
        frontendOpenOrders = [Front]
        Told = {order: Front, status: text, statusTimestamp: number}
        orderStatus = {status: text, order?: Told}
        historicalOrders = [Told]
        Fill = {coin: text, px: decimal, sz: decimal, side: text, time: number, startPosition: decimal, dir: text,
            closedPnl: decimal, hash: text, oid: number, crossed: flag, fee: decimal, builderFee?: decimal, builder?: text,
            tid: number, cloid?: text | null, feeToken: text, feeTrialEscrow?: decimal, twapId?: number | null,
            liquidation?: {liquidatedUser?: text, markPx: decimal, method: text} | null}
        userFills = [Fill]
        userFillsByTime = [Fill]
        Slice = {fill: Fill, twapId: number}
        userTwapSliceFills = [Slice]
        userTwapSliceFillsByTime = [Slice]
        Funding = {time: number, coin: text, usdc: decimal, szi: decimal, fundingRate: decimal, nSamples: number | null}
        userFunding = [{time: number, hash: text,
            delta: {type: text, coin: text, usdc: decimal, szi: decimal, fundingRate: decimal, nSamples?: number | null}}]
        Ledger = {time: number, hash: text, delta: any}
        userNonFundingLedgerUpdates = [Ledger]
        Twap = {coin: text, executedNtl: decimal, executedSz: decimal, minutes: number, randomize: flag, reduceOnly: flag, side: text,
            stopPx?: decimal | null, sz: decimal, timestamp: number, trigger?: {px: decimal, above: flag} | null, user: text}
        twapHistory = [{time: number, state: Twap, status: {status: text, description?: text}, twapId?: number}]
        webData2 = {clearinghouseState: clearinghouseState, leadingVaults: [{address: text, name: text}], totalVaultEquity: decimal,
            openOrders: [Front], agentAddress: text | null, agentValidUntil: number | null, cumLedger: decimal, meta: meta,
            assetCtxs: [PerpCtx], serverTime: number, isVault: flag, user: text, twapStates: [(number, Twap)],
            spotState?: spotClearinghouseState, spotAssetCtxs: [SpotCtx], optOutOfSpotDusting?: flag, perpsAtOpenInterestCap?: [text]}
        Named = {oid: number, cloid?: text}
        Status = text | {resting: Named} | {error: text} | {filled: {totalSz: decimal, avgPx: decimal, oid: number, cloid?: text}}
        Statuses = {type: text, data: {statuses: [Status]}}
        Single = {type: text, data: {status: text | {error: text} | {running: {twapId: number}}}}
        exchange = {status: text, response: text | {type: text} | {type: text, data: text} | Statuses | Single}
        explorer = {type: text, message: text} | {type: text, blockDetails: {blockTime: number, hash: text, height: number, numTxs: number, proposer: text,
            txs: [any]}} | {type: text, tx: any} | {type: text, txs: [any]}
        """;

    private const string Streams = """
        ws/subscriptionResponse = {method: text, subscription: any}
        ws/error = text
        ws/allMids = {mids: {*: decimal}, dex?: text}
        ws/l2Book = l2Book
        ws/bbo = {coin: text, time: number, bbo: (Level | null, Level | null)}
        ws/trades = [Trade]
        ws/candle = Candle
        ws/activeAssetCtx = {coin: text, ctx: PerpCtx}
        ws/activeSpotAssetCtx = {coin: text, ctx: SpotCtx}
        ws/activeAssetData = activeAssetData
        ws/assetCtxs = {dex: text, ctxs: [PerpCtx]}
        ws/spotAssetCtxs = [SpotCtx]
        ws/allDexsAssetCtxs = {ctxs: [(text, [PerpCtx])]}
        ws/fastAssetCtxs = text
        ws/orderUpdates = [{order: Order, status: text, statusTimestamp: number}]
        ws/user = {fills: [Fill]} | {funding: Funding} | {liquidation: any} | {nonUserCancel: [{coin: text, oid: number}]}
            | {twapHistory: any} | {twapSliceFills: [Slice]}
        ws/userFills = {isSnapshot?: flag, user: text, fills: [Fill]}
        ws/userFundings = {isSnapshot?: flag, user: text, fundings: [Funding]}
        ws/userNonFundingLedgerUpdates = {isSnapshot?: flag, user: text, nonFundingLedgerUpdates: [Ledger]}
        ws/userHistoricalOrders = {isSnapshot?: flag, user: text, orderHistory: [Told]}
        ws/userTwapSliceFills = {isSnapshot?: flag, user: text, twapSliceFills: [Slice]}
        ws/userTwapHistory = {isSnapshot?: flag, user: text,
            history: [{time: number, state: Twap, status: {status: text, description?: text}, twapId?: number}]}
        ws/twapStates = {dex: text, user: text, states: [(number, Twap)]}
        ws/clearinghouseState = {dex: text, user: text, clearinghouseState: clearinghouseState}
        ws/openOrders = {dex: text, user: text, orders: [Front]}
        ws/spotState = {user: text, spotState: spotClearinghouseState}
        ws/webData2 = webData2
        ws/webData3 = {userState: {agentAddress: text | null, agentValidUntil: number | null, cumLedger: decimal, serverTime: number,
            isVault: flag, user: text, optOutOfSpotDusting?: flag, dexAbstractionEnabled?: flag, abstraction?: text},
            perpDexStates: [{totalVaultEquity: decimal, perpsAtOpenInterestCap?: [text], leadingVaults?: any}]}
        ws/allDexsClearinghouseState = {user: text, clearinghouseStates: [(text, clearinghouseState)]}
        ws/explorerBlock = [{blockTime: number, hash: text, height: number, numTxs: number, proposer: text}]
        ws/explorerTxs = [{action: any, block: number, error: text | null, hash: text, time: number, user: text}]
        """;

    /// <summary>By request type; of a channel <c>ws/</c> and its name.</summary>
    public static IReadOnlyDictionary<string, Form> ByName { get; } =
        FormReader.All(Market + "\n" + Account + "\n" + Orders + "\n" + Streams);
}
