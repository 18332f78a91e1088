/// Finer rules of actions and wallets, each as the reference says it.
module Vrlg.Venue.Finer

open System.Text.Json
open Expecto
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private limit (side: bool) (px: string) (sz: string) (isReduce: bool) (tif: string) =
    let flag (b: bool) = if b then "true" else "false"

    $$$$"""{"a":0,"b":{{{{flag side}}}},"p":"{{{{px}}}}","s":"{{{{sz}}}}","r":{{{{flag isReduce}}}},"t":{"limit":{"tif":"{{{{tif}}}}"}}}"""

let private stop =
    """{"a":0,"b":false,"p":"69000","s":"0.01","r":true,"t":{"trigger":{"isMarket":true,"triggerPx":"70000","tpsl":"sl"}}}"""

let private orders (all: string list) (grouping: string) =
    let all = String.concat "," all
    $$"""{"type":"order","orders":[{{all}}],"grouping":{{grouping}}}"""

let private inVenue (test: VenueHost -> unit) =
    let host = Client.openVenue ()

    try
        test host
    finally
        Client.close host

let private oidOf (answer: string) : int64 =
    let status =
        JsonDocument.Parse(answer).RootElement.GetProperty("response").GetProperty("data").GetProperty("statuses")[0]

    status.GetProperty("resting").GetProperty("oid").GetInt64()

let private act (host: VenueHost) (action: string) = Client.exchange host 1uy action

let private withStop (host: VenueHost) : int64 =
    act host (orders [ limit true "84500" "0.01" false "Ioc" ] "\"na\"") |> ignore
    oidOf (act host (orders [ stop ] "\"na\""))

let private triggers =
    testCase "a modify to a trigger needs `a`" (fun () ->
        inVenue (fun host ->
            let oid = withStop host

            let modify (rest: string) =
                $$"""{"type":"modify","oid":{{oid}},"order":{{stop}}{{rest}}}"""

            Expect.stringContains (act host (modify "")) "\"err\"" "without it"
            Expect.stringContains (act host (modify ",\"a\":true")) "\"default\"" "with it"))

let private fast =
    testCase "a fast cancel ends no trigger order" (fun () ->
        inVenue (fun host ->
            let oid = withStop host

            let other =
                oidOf (act host (orders [ limit true "80000" "0.01" false "Gtc" ] "\"na\""))

            let cancel (rest: string) (oid: int64) =
                $$"""{"type":"cancel","cancels":[{"a":0,"o":{{oid}}}]{{rest}}}"""

            let said = act host (cancel ",\"f\":true" oid)
            Expect.stringContains said "\"error\"" "a trigger order"
            Expect.stringContains (act host (cancel ",\"f\":true" other)) "\"success\"" "another one"
            Expect.stringContains (act host (cancel "" oid)) "\"success\"" "not fast"))

let private paid =
    testCase "a paid order is IOC, or post-only and not reduce-only" (fun () ->
        inVenue (fun host ->
            let said (all: string list) = act host (orders all "{\"p\":80000}")
            let ioc = limit true "84500" "0.01" false "Ioc"
            let alo = limit true "80000" "0.01" false "Alo"
            Expect.stringContains (said [ ioc; ioc ]) "\"filled\"" "IOC"
            Expect.stringContains (said [ alo; alo ]) "\"resting\"" "post-only"

            for all in
                [
                    [ ioc; alo ]
                    [ limit true "80000" "0.01" false "Gtc" ]
                    [ limit false "90000" "0.01" true "Alo" ]
                    [ stop ]
                ] do
                Expect.stringContains (said all) "\"err\"" $"{all}"

            let struct (code, _) =
                Client.postText host "/exchange" "application/json" (Client.signed 1uy (orders [ ioc ] "{\"p\":-1}"))

            Expect.equal code 422 "no rate"))

let private inner =
    testCase "the nonce inside of agentSendAsset is the one around it" (fun () ->
        inVenue (fun host ->
            let send (nonce: int64) =
                $$"""{"type":"agentSendAsset","destination":"{{Client.addressOf 1uy}}","sourceDex":"","destinationDex":"spot","token":"USDC","amount":"1","fromSubAccount":"","nonce":{{nonce}}}"""

            Expect.stringContains (act host (send 5L)) "Nonce mismatch." "another one"

            Expect.stringContains (Client.posted host (Client.signedWithin 1uy send)) "\"default\"" "its own"))

let private wallet i = "0x7" + (string i).PadLeft(39, '0')

let private wallets =
    testCase "a wallet past its end is not told, and gives its place to the next" (fun () ->
        let s = venue config

        let approve i (name: string) =
            say s alice (Action.ApproveAgent(wallet i, name))

        for i in 1..3 do
            Expect.equal (approve i $"bot{i} valid_until {s.Time + 10_000L}") "default" "in time"

        let listed () =
            let request =
                JsonDocument.Parse($$"""{"type":"extraAgents","user":"{{alice}}"}""").RootElement

            use into = new System.IO.MemoryStream()
            use json = new Utf8JsonWriter(into)
            InfoReplies.TryWrite(s, request, json) |> ignore
            json.Flush()
            JsonDocument.Parse(into.ToArray()).RootElement.GetArrayLength()

        Expect.equal (listed ()) 3 "all of them"
        Expect.stringStarts (approve 4 "bot4") "Too many extra agents" "no place"

        LocalVenue.step
            s
            {
                Time = s.Time + 60_000L
                Submissions = [||]
            }
        |> ignore

        Expect.equal (listed ()) 0 "none any more"
        Expect.equal (err (step s [ by (wallet 3) Action.Nothing ]).Answers[0]) "default" "heard a while longer"
        Expect.equal (approve 4 "bot4") "default" "a place"
        Expect.equal (listed ()) 1 "the new one"
        Expect.equal s.ByAddress[alice].Agents.Count 3 "no more than there are places")

let private recent =
    testCase "the first transactions of the explorer are the recent ones" (fun () ->
        inVenue (fun host ->
            use socket = new Client.Socket(host)
            socket.Send """{"method":"subscribe","subscription":{"type":"explorerTxs"}}"""
            socket.Until(fun f -> f.Contains "subscriptionResponse") |> ignore<string>

            let heights =
                [
                    for tx in JsonDocument.Parse(socket.Next()).RootElement.EnumerateArray() do
                        tx.GetProperty("block").GetInt64()
                ]

            Expect.isGreaterThan (List.distinct heights).Length 1 "more than one block's"))

let tests = testList "finer rules" [ triggers; fast; paid; inner; wallets; recent ]
