/// The samples of the venue's answers and streams with the shapes that read them; what reading and writing must keep.
module Vrlg.Wire.WireSamples

open System
open System.Buffers
open System.IO
open System.Text
open System.Text.Json
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Wire

let decode (shape: Shape) (bytes: byte[]) : Result<obj, WireError> =
    let mutable value: obj | null = null
    let mutable error: WireError | null = null

    match shape.TryDecodeAny(ReadOnlyMemory bytes, &value, &error), value, error with
    | true, (NonNull v), null -> Ok v
    | false, null, (NonNull e) -> Error e
    | said, v, e -> failwithf "neither one nor the other: %b %A %A" said v e

let encode (shape: Shape) (value: obj) : byte[] =
    let into = ArrayBufferWriter<byte>()
    shape.EncodeAny(value, into)
    into.WrittenSpan.ToArray()

/// What is wrong when a message is written, read and written again; none when it stays the same.
let repeats (shape: Shape) (value: obj) : string option =
    let bytes = encode shape value
    let text = Encoding.UTF8.GetString bytes

    match decode shape bytes with
    | Error e -> Some $"our own bytes are refused: {e} in {text}"
    | Ok again when not (value.Equals again) -> Some $"{value} came back as {again} from {text}"
    | Ok again when not (bytes.AsSpan().SequenceEqual(encode shape again)) -> Some $"written otherwise: {text}"
    | Ok _ -> None

/// The shape that a request is answered with; none for files that never come over the wire.
let private shapeOf (transport: string) (request: string) : Shape option =
    match transport with
    | "POST /exchange" -> Some Info.Exchange
    | "websocket" -> Some Streams.Shape
    | "POST /info" ->
        // Left out parts of a request are no JSON.
        use json =
            JsonDocument.Parse(request.Replace("{…}", "{}").Replace("\"0x…\"", "\"\"").Replace("…", "0"))

        let name = string (json.RootElement.GetProperty("type").GetString())

        match Info.All.TryGetValue name with
        | true, s -> Some s
        | _ -> failwithf "no shape answers %s" name
    | _ -> None

/// The messages of a sample, each with its shape: a file holds one, or a list of frames, or a line each.
let private messages (shape: Shape) (file: string) (bytes: byte[]) : (Shape * byte[]) list =
    let raw (e: JsonElement) = Encoding.UTF8.GetBytes(e.GetRawText())

    if file.EndsWith ".jsonl" then
        [
            for line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries) do
                use json = JsonDocument.Parse line
                shape, raw (json.RootElement.GetProperty "message")
        ]
    elif obj.ReferenceEquals(shape, Streams.Shape) then
        use json = JsonDocument.Parse(ReadOnlyMemory bytes)
        let mutable channel = JsonElement()

        if json.RootElement.ValueKind = JsonValueKind.Array then
            [
                for e in json.RootElement.EnumerateArray() do
                    shape, raw e
            ]
        elif json.RootElement.TryGetProperty("channel", &channel) then
            [ shape, bytes ]
        else
            // The data member only.
            [ Info.L2Book, bytes ]
    else
        [ shape, bytes ]

type Sample =
    {
        Name: string
        Shape: Shape option
        Messages: (Shape * byte[]) list
    }

/// Every sample of a folder with an `index.json`.
let load (folder: string) : Sample list =
    use index = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "index.json")))

    [
        for row in index.RootElement.EnumerateArray() do
            let text (name: string) =
                string (row.GetProperty(name).GetString())

            let file = text "file"
            let shape = shapeOf (text "transport") (text "request")

            {
                Name = file
                Shape = shape
                Messages =
                    match shape with
                    | None -> []
                    | Some s -> messages s file (File.ReadAllBytes(Path.Combine(folder, file)))
            }
    ]

/// Shapes of which there is no sample, as the protocol describes them.
let described: (string * Shape * string) list =
    [
        "perpDexs",
        Info.PerpDexs,
        """[null,{"name":"xyz","fullName":"XYZ","deployer":"0x1","oracleUpdater":null,"feeRecipient":"0x2","assetToStreamingOiCap":[["xyz:GOLD","1.0"]],"subDeployers":[],"deployerFeeScale":"1.0"}]"""
        "predictedFundings",
        Info.PredictedFundings,
        """[["BTC",[["BinPerp",{"fundingRate":"0.0001","nextFundingTime":1,"fundingIntervalHours":8}],["HlPerp",{"fundingRate":"0.0000125","nextFundingTime":2}],["BybitPerp",null]]]]"""
        "l2Book of an unknown coin", Info.L2Book, "null"
        "userRole of an agent", Info.UserRole, """{"role":"agent","data":{"user":"0xab"}}"""
        "userRole of a sub-account", Info.UserRole, """{"role":"subAccount","data":{"master":"0xab"}}"""
        "userAbstraction", Info.UserAbstraction, "\"unifiedAccount\""
        "exchangeStatus", Info.ExchangeStatus, """{"time":1790358575700,"specialStatuses":null}"""
        "exchangeStatus in other times", Info.ExchangeStatus, """{"time":1,"specialStatuses":{"a":[1,"b"]}}"""
        "activeAssetData",
        Info.ActiveAssetData,
        """{"user":"0x14","coin":"BTC","leverage":{"type":"cross","value":20},"maxTradeSzs":["1.5","2.0"],"availableToTrade":["10.0","11.0"],"markPx":"100.0"}"""
        "validatorSummaries",
        Info.ValidatorSummaries,
        """[{"validator":"0x1","signer":"0x2","name":"a","description":"","nRecentBlocks":5,"stake":5000000000000000001,"isJailed":false,"unjailableAfter":null,"isActive":true,"commission":"0.04","stats":[["day",{"uptimeFraction":"1.0","predictedApr":"0.02","nSamples":1440}]]}]"""
        "outcomeMeta",
        Info.OutcomeMeta,
        """{"outcomes":[{"outcome":1,"name":"a","description":"b","sideSpecs":[{"name":"Yes","token":5},{"name":"No"}],"quoteToken":"USDC"}],"questions":[{"question":1,"name":"a","description":"b","fallbackOutcome":1,"namedOutcomes":[],"settledNamedOutcomes":[]}]}"""
        "no sub-accounts", Info.SubAccounts, "null"
        "unknown order", Info.OrderStatus, """{"status":"unknownOid"}"""
        "userFees",
        Info.UserFees,
        """{"dailyUserVlm":[{"date":"2026-09-01","userCross":"1.0","userAdd":"2.0","exchange":"3.0"}],"feeSchedule":{"cross":"0.00045","add":"0.00015","spotCross":"0.0007","spotAdd":"0.0004","tiers":{"vip":[{"ntlCutoff":"5000000.0","cross":"0.0004","add":"0.00012","spotCross":"0.0006","spotAdd":"0.0003"}],"mm":[{"makerFractionCutoff":"0.005","add":"-0.00001"}]},"referralDiscount":"0.04","stakingDiscountTiers":[{"bpsOfMaxSupply":"0.0","discount":"0.0"}]},"userCrossRate":"0.00045","userAddRate":"0.00015","userSpotCrossRate":"0.0007","userSpotAddRate":"0.0004","activeReferralDiscount":"0.0","trial":null,"feeTrialEscrow":"0.0","nextTrialAvailableTimestamp":null,"stakingLink":null,"activeStakingDiscount":{"bpsOfMaxSupply":"0.0","discount":"0.0"}}"""
        "an action's failure", Info.Exchange, """{"status":"err","response":"Unable to recover signer."}"""
        "a made sub-account", Info.Exchange, """{"status":"ok","response":{"type":"createSubAccount","data":"0xab"}}"""
        "pong", Streams.Shape, """{"channel":"pong"}"""
        "an error", Streams.Shape, """{"channel":"error","data":"Invalid subscription {\"type\":\"x\"}"}"""
        "an unknown channel", Streams.Shape, """{"channel":"tomorrow"}"""
        "a posted action",
        Streams.Shape,
        """{"channel":"post","data":{"id":7,"response":{"type":"action","payload":{"status":"ok","response":{"type":"default"}}}}}"""
        "a posted question",
        Streams.Shape,
        """{"channel":"post","data":{"id":8,"response":{"type":"info","payload":{"type":"l2Book","data":null}}}}"""
        "a refused post",
        Streams.Shape,
        """{"channel":"post","data":{"id":9,"response":{"type":"error","payload":"429 Too Many Requests"}}}"""
        "acknowledged",
        Streams.Shape,
        """{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"userFills","user":"0x14","aggregateByTime":false}}}"""
        "an echo of another type",
        Streams.Shape,
        """{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"tomorrow","coin":"BTC","nSigFigs":2}}}"""
        "fills", Streams.Shape, """{"channel":"userFills","data":{"isSnapshot":true,"user":"0x14","fills":[]}}"""
        "fundings",
        Streams.Shape,
        """{"channel":"userFundings","data":{"user":"0x14","fundings":[{"time":1,"coin":"BTC","usdc":"-1.5","szi":"-2.0","fundingRate":"0.0000125","nSamples":null}]}}"""
        "funding of the account",
        Streams.Shape,
        """{"channel":"user","data":{"funding":{"time":1,"coin":"BTC","usdc":"-1.5","szi":"-2.0","fundingRate":"0.0000125","nSamples":1}}}"""
        "a liquidation",
        Streams.Shape,
        """{"channel":"user","data":{"liquidation":{"lid":1,"liquidator":"0x1","liquidated_user":"0x2","liquidated_ntl_pos":"5.0","liquidated_account_value":"1.0"}}}"""
        "cancels of the venue",
        Streams.Shape,
        """{"channel":"user","data":{"nonUserCancel":[{"coin":"BTC","oid":5}]}}"""
        "a spot context",
        Streams.Shape,
        """{"channel":"activeSpotAssetCtx","data":{"coin":"@107","ctx":{"prevDayPx":"1.0","dayNtlVlm":"1.0","markPx":"1.0","midPx":null,"circulatingSupply":"1.0","coin":"@107","totalSupply":"1.0","dayBaseVlm":"1.0"}}}"""
        "contexts of a dex", Streams.Shape, """{"channel":"assetCtxs","data":{"dex":"xyz","ctxs":[]}}"""
        "contexts of spot", Streams.Shape, """{"channel":"spotAssetCtxs","data":[]}"""
        "what may be traded",
        Streams.Shape,
        """{"channel":"activeAssetData","data":{"user":"0x14","coin":"BTC","leverage":{"type":"isolated","value":3,"rawUsd":"1.0"},"maxTradeSzs":["1.5","2.0"],"availableToTrade":["10.0","11.0"],"markPx":"100.0"}}"""
        "history of orders",
        Streams.Shape,
        """{"channel":"userHistoricalOrders","data":{"isSnapshot":true,"user":"0x14","orderHistory":[]}}"""
        "slices", Streams.Shape, """{"channel":"userTwapSliceFills","data":{"user":"0x14","twapSliceFills":[]}}"""
        "spot balances", Streams.Shape, """{"channel":"spotState","data":{"user":"0x14","spotState":{"balances":[]}}}"""
        "open orders", Streams.Shape, """{"channel":"openOrders","data":{"dex":"","user":"0x14","orders":[]}}"""
        "ledger",
        Streams.Shape,
        """{"channel":"userNonFundingLedgerUpdates","data":{"user":"0x14","nonFundingLedgerUpdates":[{"time":1,"hash":"0x","delta":{"type":"liquidation","liquidatedNtlPos":"1.0","accountValue":"0.5","leverageType":"Cross","liquidatedPositions":[{"coin":"BTC","szi":"-0.1"}]}},{"time":2,"hash":"0x","delta":{"type":"tomorrow's","usdc":"1.0","more":[1]}}]}}"""
        "blocks",
        Streams.Shape,
        """[{"blockTime":1790358575700,"hash":"0xab","height":1123456789,"numTxs":412,"proposer":"0xcd"}]"""
        "transactions",
        Streams.Shape,
        """[{"action":{"type":"order","orders":[1.50]},"block":1,"error":null,"hash":"0xab","time":2,"user":"0xcd"}]"""
        "orders of the account",
        Streams.Shape,
        """{"channel":"orderUpdates","data":[{"order":{"coin":"BTC","side":"B","limitPx":"83000.0","sz":"0.01","oid":556696349186,"timestamp":1790360256851,"origSz":"0.02","cloid":"0x00000000000000070000000000000001"},"status":"open","statusTimestamp":1790360256851}]}"""
        "fills of the account",
        Streams.Shape,
        """{"channel":"userFills","data":{"isSnapshot":true,"user":"0x14791697260e4c9a71f18484c9f997b308e59325","fills":[{"coin":"BTC","px":"100.0","sz":"0.5","side":"B","time":5,"startPosition":"-0.5","dir":"Open Long","closedPnl":"0.0","hash":"0xab","oid":501,"crossed":false,"fee":"0.015","builderFee":"0.001","tid":11,"cloid":"0x00000000000000070000000000000001","feeToken":"USDC","twapId":null}]}}"""
        "delegations", Info.Delegations, """[{"validator":"0x1","amount":"12.5","lockedUntilTimestamp":5}]"""
        "delegatorSummary",
        Info.DelegatorSummary,
        """{"delegated":"12.5","undelegated":"0.0","totalPendingWithdrawal":"0.0","nPendingWithdrawals":0}"""
        "delegatorRewards", Info.DelegatorRewards, """[{"time":5,"source":"delegation","totalAmount":"0.1"}]"""
        "vaultDetails",
        Info.VaultDetails,
        """{"name":"a","vaultAddress":"0x1","leader":"0x2","description":"","portfolio":[["day",{"accountValueHistory":[[1,"2.0"]],"pnlHistory":[],"vlm":"0.0"}]],"apr":0.36387129259090006,"followerState":null,"leaderFraction":7.904879426186e-7,"leaderCommission":0.1,"followers":[{"user":"0x3","vaultEquity":"714491.7","pnl":"3203.4","allTimePnl":"0.0","daysFollowing":3}],"maxDistributable":94856870.16,"maxWithdrawable":742557,"isClosed":false,"relationship":{"type":"parent","data":{"childAddresses":["0x4"]}},"allowDeposits":true,"alwaysCloseOnWithdraw":false}"""
        "vaultDetails of no vault", Info.VaultDetails, """null"""
        "referral",
        Info.Referral,
        """{"referredBy":{"referrer":"0x1","code":"A"},"cumVlm":"1.0","unclaimedRewards":"0.0","claimedRewards":"0.0","builderRewards":"0.0","referrerState":{"stage":"needToTrade","data":{"required":"10000.0"}},"rewardHistory":[{"earned":"1.0","vlm":"2.0","referralVlm":"3.0","time":5}],"tokenToState":[]}"""
        "referral of nobody",
        Info.Referral,
        """{"referredBy":null,"cumVlm":"0.0","unclaimedRewards":"0.0","claimedRewards":"0.0","builderRewards":"0.0","referrerState":{"stage":"ready"},"rewardHistory":[]}"""
        "signers of several", Info.UserToMultiSigSigners, """{"authorizedUsers":["0x1","0x2"],"threshold":2}"""
        "signers of one", Info.UserToMultiSigSigners, """null"""
        "twapHistory",
        Info.TwapHistory,
        """[{"time":5,"state":{"coin":"BTC","executedNtl":"1.0","executedSz":"0.1","minutes":30,"randomize":true,"reduceOnly":false,"side":"B","stopPx":null,"sz":"2.0","timestamp":5,"trigger":null,"user":"0x14"},"status":{"status":"activated"},"twapId":7},{"time":6,"state":{"coin":"BTC","executedNtl":"1.0","executedSz":"0.1","minutes":30,"randomize":true,"reduceOnly":false,"side":"B","stopPx":"3.5","sz":"2.0","timestamp":5,"trigger":{"px":"4.5","above":true},"user":"0x14"},"status":{"status":"error","description":"no"}}]"""
        "approvedBuilders", Info.ApprovedBuilders, """["0x1"]"""
        "webData2",
        Info.WebData2,
        """{"clearinghouseState":{"marginSummary":{"accountValue":"1.0","totalNtlPos":"0.0","totalRawUsd":"1.0","totalMarginUsed":"0.0"},"crossMarginSummary":{"accountValue":"1.0","totalNtlPos":"0.0","totalRawUsd":"1.0","totalMarginUsed":"0.0"},"crossMaintenanceMarginUsed":"0.0","withdrawable":"1.0","assetPositions":[],"time":5},"leadingVaults":[{"address":"0x1","name":"a"}],"totalVaultEquity":"0.0","openOrders":[],"agentAddress":null,"agentValidUntil":null,"cumLedger":"1.0","meta":{"universe":[],"marginTables":[]},"assetCtxs":[],"serverTime":5,"isVault":false,"user":"0x14","twapStates":[[7,{"coin":"BTC","executedNtl":"1.0","executedSz":"0.1","minutes":30,"randomize":true,"reduceOnly":false,"side":"B","stopPx":null,"sz":"2.0","timestamp":5,"trigger":null,"user":"0x14"}]],"spotState":{"balances":[]},"spotAssetCtxs":[],"perpsAtOpenInterestCap":["BTC"]}"""
        "the older page",
        Streams.Shape,
        """{"channel":"webData2","data":{"clearinghouseState":{"marginSummary":{"accountValue":"1.0","totalNtlPos":"0.0","totalRawUsd":"1.0","totalMarginUsed":"0.0"},"crossMarginSummary":{"accountValue":"1.0","totalNtlPos":"0.0","totalRawUsd":"1.0","totalMarginUsed":"0.0"},"crossMaintenanceMarginUsed":"0.0","withdrawable":"1.0","assetPositions":[],"time":5},"leadingVaults":[],"totalVaultEquity":"0.0","openOrders":[],"agentAddress":"0x1","agentValidUntil":6,"cumLedger":"1.0","meta":{"universe":[],"marginTables":[]},"assetCtxs":[],"serverTime":5,"isVault":false,"user":"0x14","twapStates":[],"spotAssetCtxs":[]}}"""
        "the newer page",
        Streams.Shape,
        """{"channel":"webData3","data":{"userState":{"agentAddress":"0x1","agentValidUntil":6,"cumLedger":"1.0","serverTime":5,"isVault":false,"user":"0x14","optOutOfSpotDusting":true,"abstraction":"default"},"perpDexStates":[{"totalVaultEquity":"0.0","perpsAtOpenInterestCap":["BTC"]},{"totalVaultEquity":"1.0"}]}}"""
        "TWAPs at work",
        Streams.Shape,
        """{"channel":"twapStates","data":{"dex":"","user":"0x14","states":[[7,{"coin":"BTC","executedNtl":"1.0","executedSz":"0.1","minutes":30,"randomize":true,"reduceOnly":false,"side":"B","stopPx":null,"sz":"2.0","timestamp":5,"trigger":null,"user":"0x14"}]]}}"""
        "history of TWAPs",
        Streams.Shape,
        """{"channel":"userTwapHistory","data":{"isSnapshot":true,"user":"0x14","history":[{"time":5,"state":{"coin":"BTC","executedNtl":"1.0","executedSz":"0.1","minutes":30,"randomize":true,"reduceOnly":false,"side":"B","stopPx":null,"sz":"2.0","timestamp":5,"trigger":null,"user":"0x14"},"status":{"status":"finished"},"twapId":7}]}}"""
        "TWAPs of the account",
        Streams.Shape,
        """{"channel":"user","data":{"twapHistory":[{"time":5,"state":{"coin":"BTC","executedNtl":"1.0","executedSz":"0.1","minutes":30,"randomize":true,"reduceOnly":false,"side":"B","stopPx":null,"sz":"2.0","timestamp":5,"trigger":null,"user":"0x14"},"status":{"status":"terminated"},"twapId":7}]}}"""
        "accounts of every dex",
        Streams.Shape,
        """{"channel":"allDexsClearinghouseState","data":{"user":"0x14","clearinghouseStates":[["",{"marginSummary":{"accountValue":"1.0","totalNtlPos":"0.0","totalRawUsd":"1.0","totalMarginUsed":"0.0"},"crossMarginSummary":{"accountValue":"1.0","totalNtlPos":"0.0","totalRawUsd":"1.0","totalMarginUsed":"0.0"},"crossMaintenanceMarginUsed":"0.0","withdrawable":"1.0","assetPositions":[],"time":5}],["xyz",{"marginSummary":{"accountValue":"1.0","totalNtlPos":"0.0","totalRawUsd":"1.0","totalMarginUsed":"0.0"},"crossMarginSummary":{"accountValue":"1.0","totalNtlPos":"0.0","totalRawUsd":"1.0","totalMarginUsed":"0.0"},"crossMaintenanceMarginUsed":"0.0","withdrawable":"1.0","assetPositions":[],"time":5}]]}}"""
        "marks and middles",
        Streams.Shape,
        """{"channel":"fastAssetCtxs","data":"q1ZyCnFWsqpWyk0syg6oULJSsjQ3NTDQM1Wq1VFyDfFAkTI2MzXQMwJLVVRWWfmFuTiiyBuamOoZKdXWAgA="}"""
        "outcomes that changed",
        Streams.Shape,
        """{"channel":"outcomeMetaUpdates","data":{"updates":[{"outcomeCreated":{"outcome":5,"name":"a"}},{"questionSettled":[1]}]}}"""
    ]
