/// Whole requests and frames of every kind, for those who damage them.
module Vrlg.Venue.VenueRequests

open System
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Sim.LocalVenue

let private one = 100_000_000L
let genesis = 1_790_000_000_000L

let private curve: Curve =
    match NativeCurve.OfThisMachine() with
    | null -> ManagedCurve()
    | native -> native

let keys =
    [|
        for n in 1uy .. 2uy ->
            match curve.Load(ReadOnlySpan(Array.create 32 n)) with
            | null -> failwith "no key"
            | key -> key
    |]

let users = keys |> Array.map (fun k -> string k.Address)

/// Requests for information and of the explorer, with their paths.
let asked: struct (string * string)[] =
    let user = users[0]

    [|
        for kind in
            [
                "meta"
                "spotMeta"
                "metaAndAssetCtxs"
                "allMids"
                "exchangeStatus"
                "predictedFundings"
            ] do
            struct ("/info", $$"""{"type":"{{kind}}"}""")
        for kind in
            [
                "clearinghouseState"
                "openOrders"
                "frontendOpenOrders"
                "userFills"
                "userFees"
                "portfolio"
                "webData2"
            ] do
            struct ("/info", $$"""{"type":"{{kind}}","user":"{{user}}"}""")
        struct ("/info", """{"type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":2}""")
        struct ("/info", $$"""{"type":"orderStatus","user":"{{user}}","oid":500000000001}""")
        struct ("/info", $$"""{"type":"userFillsByTime","user":"{{user}}","startTime":0,"endTime":1790000000000}""")
        struct ("/info", $$"""{"type":"fundingHistory","coin":"ETH","startTime":{{genesis}},"endTime":null}""")
        struct ("/info",
                $$$"""{"type":"candleSnapshot","req":{"coin":"@1","interval":"1h","startTime":{{{genesis - 40_000_000L}}},"endTime":{{{genesis}}}}}""")
        struct ("/explorer", """{"type":"blockDetails","height":1000000001}""")
        struct ("/explorer", $$"""{"type":"userDetails","user":"{{user}}"}""")
    |]

let actions: string[] =
    [|
        """{"type":"order","orders":[{"a":0,"b":true,"p":"83750","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}},"c":"0x00000000000000000000000000000001"}],"grouping":"na"}"""
        """{"type":"order","orders":[{"a":1,"b":false,"p":"3000","s":"0.5","r":false,"t":{"limit":{"tif":"Ioc"}}},{"a":1,"b":true,"p":"2500","s":"0.5","r":true,"t":{"trigger":{"isMarket":true,"triggerPx":"2600","tpsl":"sl"}}}],"grouping":"normalTpsl"}"""
        """{"type":"order","orders":[{"a":10001,"b":true,"p":"39","s":"3","r":false,"t":{"limit":{"tif":"Alo"}}}],"grouping":"na"}"""
        """{"type":"order","orders":[{"a":2,"b":true,"p":"50","s":"0","r":true,"t":{"trigger":{"isMarket":false,"triggerPx":"45","tpsl":"tp"}}}],"grouping":"positionTpsl"}"""
        """{"type":"cancel","cancels":[{"a":0,"o":500000000010}]}"""
        """{"type":"cancelByCloid","cancels":[{"asset":0,"cloid":"0x00000000000000000000000000000001"}]}"""
        """{"type":"modify","oid":500000000010,"order":{"a":0,"b":true,"p":"80000","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}}}}"""
        """{"type":"batchModify","modifies":[{"oid":"0x00000000000000000000000000000001","order":{"a":0,"b":true,"p":"80000","s":"0.02","r":false,"t":{"limit":{"tif":"Alo"}}}}]}"""
        """{"type":"scheduleCancel","time":1790000100000}"""
        """{"type":"updateLeverage","asset":0,"isCross":true,"leverage":10}"""
        """{"type":"updateIsolatedMargin","asset":0,"isBuy":true,"ntli":1000000}"""
        """{"type":"twapOrder","twap":{"a":0,"b":true,"s":"0.1","r":false,"m":30,"t":true}}"""
        """{"type":"twapCancel","a":0,"t":1}"""
        """{"type":"updateLeverage","asset":1,"isCross":false,"leverage":5}"""
        """{"type":"topUpIsolatedOnlyMargin","asset":1,"leverage":"3"}"""
        """{"type":"reserveRequestWeight","weight":10}"""
        """{"type":"subAccountModify","subAccountUser":"ANYBODY","name":"y"}"""
        """{"type":"subAccountTransfer","subAccountUser":"ANYBODY","isDeposit":true,"usd":1000000}"""
        """{"type":"subAccountSpotTransfer","subAccountUser":"ANYBODY","isDeposit":true,"token":"USDC:0x6d1e7cde53ba9467b783cb7c530ce054","amount":"1"}"""
        """{"type":"vaultTransfer","vaultAddress":"0x00000000000000000000000000000000000000a0","isDeposit":true,"usd":5000000}"""
        """{"type":"sendAsset","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","destination":"ANYBODY","sourceDex":"","destinationDex":"spot","token":"USDC:0x6d1e7cde53ba9467b783cb7c530ce054","amount":"2","fromSubAccount":"","nonce":1790000000001}"""
        """{"type":"noop"}"""
        """{"type":"createSubAccount","name":"x"}"""
        """{"type":"usdSend","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","destination":"0x3333333333333333333333333333333333333333","amount":"10","time":1790000000001}"""
        """{"type":"spotSend","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","destination":"0x3333333333333333333333333333333333333333","token":"HYPE:0x0d01dc56dcaaca66ad901c959b4011ec","amount":"1","time":1790000000001}"""
        """{"type":"usdClassTransfer","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","amount":"10","toPerp":true,"nonce":1790000000001}"""
        """{"type":"withdraw3","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","destination":"0x3333333333333333333333333333333333333333","amount":"10","time":1790000000001}"""
        """{"type":"approveAgent","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","agentAddress":"0x4444444444444444444444444444444444444444","agentName":"a","nonce":1790000000001}"""
        """{"type":"approveBuilderFee","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","maxFeeRate":"0.001%","builder":"0x4444444444444444444444444444444444444444","nonce":1790000000001}"""
    |]

let frames: string[] =
    let user = users[0]

    let subscribe (what: string) =
        $$"""{"method":"subscribe","subscription":{{what}}}"""

    [|
        """{"method":"ping"}"""
        """{"method":"post","id":1,"request":{"type":"info","payload":{"type":"l2Book","coin":"BTC"}}}"""
        """{"method":"post","id":2,"request":{"type":"action","payload":{"action":{"type":"noop"},"nonce":1790000000001,"signature":{"r":"0x1","s":"0x2","v":27}}}}"""
        """{"method":"unsubscribe","subscription":{"type":"bbo","coin":"BTC"}}"""
        subscribe """{"type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":2,"fast":true}"""
        subscribe """{"type":"candle","coin":"ETH","interval":"1m"}"""
        subscribe $$"""{"type":"activeAssetData","user":"{{user}}","coin":"ETH"}"""

        for kind in
            [
                "allMids"
                "assetCtxs"
                "spotAssetCtxs"
                "allDexsAssetCtxs"
                "explorerBlock"
                "explorerTxs"
            ] do
            subscribe $$"""{"type":"{{kind}}"}"""

        for kind in [ "bbo"; "trades"; "activeAssetCtx" ] do
            subscribe $$"""{"type":"{{kind}}","coin":"BTC"}"""

        for kind in
            [
                "orderUpdates"
                "userEvents"
                "userFills"
                "userFundings"
                "userNonFundingLedgerUpdates"
                "userHistoricalOrders"
                "userTwapSliceFills"
                "userTwapHistory"
                "spotState"
                "webData2"
                "webData3"
                "notification"
                "allDexsClearinghouseState"
                "clearinghouseState"
                "openOrders"
                "twapStates"
            ] do
            subscribe $$"""{"type":"{{kind}}","user":"{{user}}"}"""
    |]

/// A calm venue with two people who have money.
let config (seed: int) : VenueConfig =
    {
        Seed = int64 seed
        Scenario = Scenario.Calm
        Speed = 1.0
        HasLimits = false
        Funds = [| for u in users -> struct (u, 1_000_000L * one) |]
        SpotFunds = [| for u in users -> struct (u, 0, 100_000L * one) |]
        Genesis = genesis
    }
