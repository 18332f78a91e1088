/// Funding payments of the account, and blocks: each once, as events.
module Vrlg.Wire.OtherFeeds

open System
open System.Text
open Expecto
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Core
open Vrlg.Wire.Mutations

let private user = "0x14791697260e4c9a71f18484c9f997b308e59325"
let private utf8 (text: string) = Encoding.UTF8.GetBytes text

// ---- funding ----

let private funding =
    testCase "funding is told once, as paid, from the start of the run on" (fun () ->
        let feed = FundingFeed(AccountId.Of 0, coins, Instant.OfMs 100L)
        let batch = EventBatch()

        let row (at: int) (usdc: string) =
            $"""{{"time":{at},"coin":"BTC","usdc":"{usdc}","szi":"1.0","fundingRate":"0.0000125","nSamples":null}}"""

        let paid (text: string) =
            let mutable message = Unchecked.defaultof<StreamMessage>
            let mutable error: WireError | null = null

            if not (Streams.TryRead(ReadOnlyMemory(utf8 text), &message, &error)) then
                failtestf "%O" error

            if not (feed.Take(message, batch, &error)) then
                Error(string error)
            else
                Ok
                    [
                        for e in batch.Events.ToArray() do
                            match e.Rare with
                            | ValueSome(RareEvent.FundingPaid f) -> $"{e.VenueAt.Ns / 1_000_000L} {f.Paid}"
                            | other -> $"{other}"
                    ]

        let stream (rows: string) =
            $"{{\"channel\":\"userFundings\",\"data\":{{\"isSnapshot\":true,\"user\":\"{user}\",\"fundings\":[{rows}]}}}}"

        let both = row 200 "0.5" + "," + row 150 "-1.5" + "," + row 100 "-9.0"
        Expect.equal (paid (stream both)) (Ok [ "150 1.5"; "200 -0.5" ]) "a snapshot, from the start on"

        let user' = "{\"channel\":\"user\",\"data\":{\"funding\":" + row 200 "0.5" + "}}"
        Expect.equal (paid user') (Ok []) "the same by the other channel"
        Expect.equal feed.Repeated 1L "counted"
        Expect.equal (paid ((stream (row 300 "1.0")).Replace(user, "0x00"))) (Ok []) "another account"
        Expect.isError (paid (stream (row 300 "1.0" + "," + row 400 "0.000000001"))) "finer than we count"
        Expect.equal (paid (stream (row 300 "1.0"))) (Ok [ "300 -1" ]) "nothing of it was believed")

// ---- blocks ----

let private block (height: int) (at: int) (proposer: string) : string =
    $"""{{"blockTime":{at},"hash":"0xab","height":{height},"numTxs":4,"proposer":"{proposer}"}}"""

let private who (n: int) = "0x" + String('0', 38) + $"{n:x2}"

let private blocks =
    testList
        "blocks"
        [
            testCase "rise, come once, and name their proposers by number" (fun () ->
                let table = ProposerTable()
                let reader = BlockFrames({ Index = 3 }, table)
                let batch = EventBatch()

                let heights (text: string) =
                    let mutable error: WireError | null = null

                    match reader.Read(ReadOnlyMemory(utf8 text), batch, &error), error with
                    | FrameOutcome.Decoded, null ->
                        [
                            for e in batch.Events.ToArray() do
                                e.Height, e.Proposer, e.VenueAt.Ns, e.BlockVenue.Index
                        ]
                    | _, e -> failtestf "%O" e

                Expect.equal (heights $"[{block 10 5 (who 1)}]") [ 10L, 0, 5_000_000L, 3 ] "the first"

                Expect.equal
                    (heights $"[{block 12 7 (who 1)},{block 11 6 (who 2)},{block 10 5 (who 1)}]")
                    [ 11L, 1, 6_000_000L, 3; 12L, 0, 7_000_000L, 3 ]
                    "sorted, without the known one"

                Expect.equal reader.Repeated 1L "counted"

                // White space and another order of members: the general reader.
                let other =
                    $""" [ {{"proposer":"{who 2}","height":15,"hash":"0x","numTxs":1,"blockTime":9,"more":1}} ]"""

                Expect.equal (heights other) [ 15L, 1, 9_000_000L, 3 ] "another layout"
                Expect.equal reader.Missed 2L "13 and 14"
                Expect.equal (heights "[]") [] "none"
                let nobody = block 16 10 "nobody"
                Expect.equal (heights $"[{nobody}]") [ 16L, -1, 10_000_000L, 3 ] "no address"
                Expect.equal table.All.Count 2 "two proposers")
            testCase "an absurd height is passed over, and a chain that begins anew is followed" (fun () ->
                let reader = BlockFrames({ Index = 0 }, ProposerTable())
                let batch = EventBatch()

                let heights (rows: (int * int) list) =
                    let mutable error: WireError | null = null
                    let all = rows |> List.map (fun (h, at) -> block h at (who 1)) |> String.concat ","
                    reader.Read(ReadOnlyMemory(utf8 $"[{all}]"), batch, &error) |> ignore

                    [
                        for e in batch.Events.ToArray() do
                            e.Height
                    ]

                Expect.equal (heights [ 100, 7_000 ]) [ 100L ] "the first"
                Expect.equal (heights [ 2_000_000_000, 7_070; 101, 7_070 ]) [ 101L ] "no chain is that fast"
                Expect.equal (heights [ 102, 7_140 ]) [ 102L ] "the next is no repetition"
                Expect.equal (heights [ 50_000, 4_000_000 ]) [ 50_000L ] "an hour away is no absurdity"
                Expect.equal (heights [ 7, 5_000_000 ]) [] "a lower height at a later time is strange"
                Expect.equal (heights [ 8, 5_000_070 ]) [] "and again"
                Expect.equal (heights [ 9, 5_000_140 ]) [ 9L ] "three that rise are a chain that began anew"
                Expect.equal (heights [ 10, 5_000_210 ]) [ 10L ] "which is followed"
                Expect.equal (reader.Strange, reader.Repeated) (4L, 0L) "counted"
                let first = BlockFrames({ Index = 0 }, ProposerTable())

                let told (h: int) (at: int) =
                    let mutable error: WireError | null = null

                    first.Read(ReadOnlyMemory(utf8 $"[{block h at (who 1)}]"), batch, &error)
                    |> ignore

                    batch.Events.Length

                Expect.equal
                    [ told 2_000_000_000 1; told 5 71; told 6 141; told 7 211; told 8 281 ]
                    [ 1; 0; 0; 1; 1 ]
                    "even if it was the first")
            testCase "of a frame that is refused nothing is believed" (fun () ->
                let table = ProposerTable()
                let reader = BlockFrames({ Index = 0 }, table)
                let batch = EventBatch()
                let mutable error: WireError | null = null
                let bad = (block 11 6 (who 2)).Replace("\"height\":11,", "")
                let text = $"[{block 10 5 (who 1)},{bad}]"

                Expect.equal (reader.Read(ReadOnlyMemory(utf8 text), batch, &error)) FrameOutcome.Other "refused"
                Expect.stringContains (string error) "explorerBlock: height" "named"
                Expect.equal batch.Events.Length 0 "no event"
                Expect.equal table.All.Count 0 "no proposer")
        ]

let tests = testList "funding and blocks" [ funding; blocks ]
