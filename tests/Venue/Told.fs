/// What the venue tells and counts: nothing of what is not there, and all of what is.
module Vrlg.Venue.Told

open System.Text.Json
open Expecto
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private sizes =
    testList
        "sizes of actions"
        [
            testCase "another list beside it does not hide an action's own" (fun () ->
                let many = System.String.Join(",", Seq.replicate 1_200 "{}")

                for empty, full in [ "orders", "cancels"; "orders", "modifies"; "cancels", "modifies" ] do
                    let body = $$$"""{"action":{"{{{empty}}}":[],"{{{full}}}":[{{{many}}}]}}"""
                    Expect.equal (RequestWeight.Batch(JsonDocument.Parse(body).RootElement)) 1_200 $"{empty}, {full}")
        ]

let private asked (s: VenueState) (request: string) : JsonElement =
    let bytes =
        JsonBytes.Of(fun json ->
            InfoReplies.TryWrite(s, JsonDocument.Parse(request).RootElement, json)
            |> ignore<bool>)

    JsonDocument.Parse(System.ReadOnlyMemory bytes).RootElement

let private questions =
    testList
        "questions"
        [
            testCase "an account has nothing on a dex that is not there" (fun () ->
                let s = venue config

                let state dex =
                    asked s $$"""{"type":"clearinghouseState","user":"{{alice}}","dex":"{{dex}}"}"""

                Expect.equal (state("none").GetRawText()) "null" "not that of the first"
                Expect.equal (state("").ValueKind) JsonValueKind.Object "the first")
            testCase "slices of a span are as many as all slices" (fun () ->
                let s = venue config
                say s alice (order [ ask 0 Side.Buy "84500" "0.01" "Ioc" ]) |> ignore
                let fill = (fillsOf s alice)[0]

                for i in 1L .. 600L do
                    s.ByAddress[alice].AddFill { fill with Twap = i }

                let count (request: string) = (asked s request).GetArrayLength()

                Expect.equal
                    (count $$"""{"type":"userTwapSliceFillsByTime","user":"{{alice}}","startTime":0}""")
                    (count $$"""{"type":"userTwapSliceFills","user":"{{alice}}"}""")
                    "rows")
            testCase "a portfolio holds positions of their own margin" (fun () ->
                let s = venue config
                say s alice (Action.UpdateLeverage(0, false, 20)) |> ignore
                say s alice (order [ ask 0 Side.Buy "84500" "1" "Ioc" ]) |> ignore
                let rows = asked s $$"""{"type":"portfolio","user":"{{alice}}"}"""
                let row = rows[4]
                let shown = row[1]
                let history = shown.GetProperty "accountValueHistory"
                let latest = history[history.GetArrayLength() - 1]
                let value = latest[1]
                let last = decimal (string (value.GetString()))
                let margins = Figures.margins s s.ByAddress[alice].Index
                let whole = margins.Whole
                Expect.equal (int64 (last * 1e8m)) whole "account value")
        ]

let tests = testList "told" [ sizes; questions ]
