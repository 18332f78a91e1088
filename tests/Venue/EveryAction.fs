/// Every action of the protocol's venue checklist over HTTP: its reply's shape, and that the log tells of it.
module Vrlg.Venue.EveryAction

open System
open System.IO
open System.Text.Json
open Expecto
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client

let private plain = """{"status":"ok","response":{"type":"default"}}"""

let private order (px: string) (tif: string) (more: string) =
    $$$$"""{"type":"order","orders":[{"a":0,"b":true,"p":"{{{{px}}}}","s":"0.01","r":false,"t":{"limit":{"tif":"{{{{tif}}}}"}}{{{{more}}}}}],"grouping":"na"}"""

let private cloid = "0x000000000000000000000000000000e1"

let private text (from: JsonElement) (path: string list) : string =
    let mutable at = from

    for name in path do
        at <- at.GetProperty name

    at.ToString()

/// Asks for everything, one after the other; answers the sub-account's address.
let private all (host: VenueHost) : string =
    let me, other = addressOf 1uy, addressOf 2uy

    let says (expected: string) (action: string) =
        Expect.equal (exchange host 1uy action) expected action

    let userSays (expected: string) (kind: string) (body: string) =
        Expect.equal (posted host (signedByUser 1uy kind body)) expected kind

    let starts (expected: string) (action: string) : JsonElement =
        let answer = exchange host 1uy action
        Expect.stringStarts answer expected action
        JsonDocument.Parse(answer).RootElement

    let resting =
        """{"status":"ok","response":{"type":"order","data":{"statuses":[{"resting":{"oid":"""

    let oidOf (answer: JsonElement) =
        let status =
            (answer.GetProperty("response").GetProperty("data").GetProperty "statuses")[0]

        text status [ "resting"; "oid" ]

    let cancelled =
        """{"status":"ok","response":{"type":"cancel","data":{"statuses":["success"]}}}"""

    let first = oidOf (starts resting (order "80000" "Gtc" ""))
    says cancelled $$"""{"type":"cancel","cancels":[{"a":0,"o":{{first}}}]}"""
    starts resting (order "80000" "Alo" $",\"c\":\"{cloid}\"") |> ignore
    says cancelled $$"""{"type":"cancelByCloid","cancels":[{"asset":0,"cloid":"{{cloid}}"}]}"""
    let next = oidOf (starts resting (order "80000" "Gtc" ""))

    let replacement =
        """{"a":0,"b":true,"p":"80001","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}}}"""

    let batch =
        $$"""{"type":"batchModify","modifies":[{"oid":{{next}},"order":{{replacement}}}]}"""

    let then' = oidOf (starts resting batch)
    says plain $$"""{"type":"modify","oid":{{then'}},"order":{{replacement}}}"""
    says plain """{"type":"scheduleCancel"}"""
    says plain """{"type":"updateLeverage","asset":1,"isCross":true,"leverage":5}"""
    says plain """{"type":"updateLeverage","asset":0,"isCross":false,"leverage":10}"""

    starts
        """{"status":"ok","response":{"type":"order","data":{"statuses":[{"filled":{"totalSz":"0.01","""
        (order "84500" "Ioc" "")
    |> ignore

    says plain """{"type":"updateIsolatedMargin","asset":0,"isBuy":true,"ntli":10000000}"""
    says plain """{"type":"topUpIsolatedOnlyMargin","asset":0,"leverage":"5.0"}"""

    says
        """{"status":"ok","response":{"type":"twapOrder","data":{"status":{"running":{"twapId":1}}}}}"""
        """{"type":"twapOrder","twap":{"a":0,"b":true,"s":"0.1","r":false,"m":5,"t":false}}"""

    says
        """{"status":"ok","response":{"type":"twapOrder","data":{"status":{"error":"Invalid TWAP duration: 1 min(s)"}}}}"""
        """{"type":"twapOrder","twap":{"a":0,"b":true,"s":"0.1","r":false,"m":1,"t":false}}"""

    says
        """{"status":"ok","response":{"type":"twapCancel","data":{"status":"success"}}}"""
        """{"type":"twapCancel","a":0,"t":1}"""

    says plain """{"type":"noop"}"""
    says plain """{"type":"setReferrer","code":"CODE"}"""
    says plain """{"type":"reserveRequestWeight","weight":100}"""

    says
        plain
        """{"type":"vaultTransfer","vaultAddress":"0x00000000000000000000000000000000000000a0","isDeposit":true,"usd":5000000}"""

    userSays plain "usdClassTransfer" "\"amount\":\"10\",\"toPerp\":true"
    userSays plain "usdSend" $"\"destination\":\"{other}\",\"amount\":\"1\""

    userSays
        plain
        "spotSend"
        $"\"destination\":\"{other}\",\"token\":\"USDC:0x6d1e7cde53ba9467b783cb7c530ce054\",\"amount\":\"1\""

    userSays plain "withdraw3" $"\"destination\":\"{me}\",\"amount\":\"5\""
    userSays plain "approveAgent" $"\"agentAddress\":\"{addressOf 9uy}\",\"agentName\":\"bot\""
    userSays plain "approveBuilderFee" $"\"maxFeeRate\":\"0.01%%\",\"builder\":\"{other}\""

    userSays
        plain
        "sendAsset"
        $"\"destination\":\"{me}\",\"sourceDex\":\"\",\"destinationDex\":\"spot\",\"token\":\"USDC\",\"amount\":\"2\",\"fromSubAccount\":\"\""

    let made =
        starts
            """{"status":"ok","response":{"type":"createSubAccount","data":"0x"""
            """{"type":"createSubAccount","name":"first"}"""

    let sub = text made [ "response"; "data" ]
    says plain $$"""{"type":"subAccountTransfer","subAccountUser":"{{sub}}","isDeposit":true,"usd":1000000000}"""

    says
        plain
        $$"""{"type":"subAccountSpotTransfer","subAccountUser":"{{sub}}","isDeposit":true,"token":"USDC","amount":"3"}"""

    says plain $$"""{"type":"subAccountModify","subAccountUser":"{{sub}}","name":"second"}"""
    userSays plain "usdClassTransfer" $"\"amount\":\"2 subaccount:{sub}\",\"toPerp\":true"

    let sent =
        posted
            host
            (signedWithin 1uy (fun nonce ->
                $$"""{"type":"agentSendAsset","destination":"{{sub}}","sourceDex":"spot","destinationDex":"spot","token":"USDC","amount":"1","fromSubAccount":"","nonce":{{nonce}}}"""))

    Expect.equal sent plain "agentSendAsset"

    Expect.stringStarts (posted host (signedForVault 1uy sub (order "80000" "Gtc" ""))) resting "for the sub-account"
    // The wallet trades for the sub-account too, with the builder that the master approved for itself alone.
    Expect.stringStarts (posted host (signedForVault 9uy sub (order "79000" "Gtc" ""))) resting "by the wallet"

    let built =
        (order "84500" "Ioc" "")
            .Replace("\"grouping\":\"na\"", $"\"grouping\":\"na\",\"builder\":{{\"b\":\"{other}\",\"f\":10}}")

    Expect.stringContains (exchange host 1uy built) "filled" "with a builder"
    Expect.equal (exchange host 2uy """{"type":"claimRewards"}""") plain "claimed"

    says
        """{"status":"err","response":"This venue does not keep createVault."}"""
        """{"type":"createVault","name":"v","description":"d","initialUsd":100000000,"nonce":1}"""

    sub

/// What is asked of two venues that should be one.
let private pictures (host: VenueHost) (sub: string) : string list =
    [
        for who in [ addressOf 1uy; addressOf 2uy; sub ] do
            for kind in
                [
                    "spotClearinghouseState"
                    "userFills"
                    "openOrders"
                    "subAccounts"
                    "twapHistory"
                    "userNonFundingLedgerUpdates"
                    "extraAgents"
                    "approvedBuilders"
                    "userRateLimit"
                    "userRole"
                    "referral"
                ] do
                // What depends on the moment of asking: marks and the block's time.
                let text = (info host $$"""{"type":"{{kind}}","user":"{{who}}"}""").GetRawText()

                if kind <> "subAccounts" then
                    text
                else
                    string (text.Contains "second")
    ]

let tests =
    testSequenced
    <| testList
        "every action"
        [
            testCase "has its reply, and the venue is the same again from its log" (fun () ->
                let path = Path.Combine(Path.GetTempPath(), $"venue-{Guid.NewGuid()}.log")
                let config = config ()

                let start () =
                    VenueHost.Open(VenueOptions(0, false, config, path), TimeProvider.System).GetAwaiter().GetResult()

                try
                    let host = start ()
                    let sub = all host
                    let before = pictures host sub
                    close host
                    let host = start ()
                    let after = pictures host sub
                    close host
                    Expect.equal after before "as it was"
                finally
                    File.Delete path)
            testCase "isolated positions, roles and equities as clients read them" (fun () ->
                let host = openVenue ()

                try
                    let sub = all host
                    let me = addressOf 1uy

                    let ask kind who =
                        info host $$"""{"type":"{{kind}}","user":"{{who}}"}"""

                    let state = ask "clearinghouseState" me
                    let positions = state.GetProperty "assetPositions"
                    let position = positions[0].GetProperty "position"
                    Expect.equal (text position [ "leverage"; "type" ]) "isolated" "leverage"
                    let raw = decimal (text position [ "leverage"; "rawUsd" ])
                    let used = decimal (text position [ "marginUsed" ])
                    Expect.equal used (decimal (text position [ "positionValue" ]) + raw) "marginUsed"
                    let whole = decimal (text state [ "marginSummary"; "accountValue" ])
                    let cross = decimal (text state [ "crossMarginSummary"; "accountValue" ])
                    Expect.equal whole (cross + used) "accountValue"

                    Expect.equal
                        (text state [ "withdrawable" ])
                        (text state [ "crossMarginSummary"; "accountValue" ])
                        "free"

                    Expect.equal (text (ask "userRole" sub) [ "role" ]) "subAccount" "role"
                    Expect.equal (text (ask "userRole" sub) [ "data"; "master" ]) me "its master"
                    let subs = ask "subAccounts" me
                    Expect.equal (text (subs[0]) [ "name" ]) "second" "name"
                    Expect.equal (text (subs[0]) [ "subAccountUser" ]) sub "address"
                    let equities = ask "userVaultEquities" me
                    let equity = equities[0]
                    Expect.isLessThan (abs (decimal (text equity [ "equity" ]) - 5m)) 0.01m "equity"
                    let rates = ask "userRateLimit" me
                    Expect.isGreaterThan (int (text rates [ "nRequestsSurplus" ])) 0 "paid requests"

                    let rate =
                        info host $$"""{"type":"maxBuilderFee","user":"{{me}}","builder":"{{addressOf 2uy}}"}"""

                    Expect.equal (rate.GetInt32()) 10 "a basis point"
                finally
                    close host)
        ]
