/// Block feeds beside a recording: where they stand among the market's records, and where their loss is told.
module Vrlg.Wire.BlockFiles

open Expecto
open Vrlg.Adapters.Recordings
open Vrlg.Core
open Vrlg.Wire.Recordings

let private head = "height,block_time_ms,proposer\n"

/// A best quote every 500 ms, for so long.
let private market (seconds: int) =
    let rows =
        [
            for i in 0 .. 2 * seconds do
                let ms = 1_000 + 500 * i
                $"{float ms / 1000.0},100,{2 + i % 3},bid,{ms}\n"

                if i = 0 then
                    $"{float ms / 1000.0},101,3,ask,{ms}\n"
        ]

    utf8 (bboHead + System.String.Concat rows)

let private files seconds (blocks: string) =
    [ "bbo_BTC.csv", market seconds; "blocks_BTC.csv", utf8 (head + blocks) ]

/// The records that are the venue's own, with the milliseconds at which they stand.
let private told (r: Recording) =
    [
        for i in 0 .. r.Events.Length - 1 do
            let e = r.Events[i]
            let ms = r.VenueAt[i] / 1_000_000L

            match e.Kind with
            | EventKind.BlockSealed -> $"{ms} block {e.Height} by {e.Proposer}"
            | EventKind.FeedLost when e.Channel = Channel.Blocks -> $"{ms} lost"
            | EventKind.FeedBack when e.Channel = Channel.Blocks -> $"{ms} back"
            | _ -> ()
    ]

let private tells name files expected =
    testCase name (fun () ->
        inFolder files (fun folder -> Expect.equal (told (read plain folder "BTC")) expected "blocks"))

let tests =
    testList
        "a block file"
        [
            tells
                "gives its blocks their place in time, and its proposers numbers"
                (files 2 "7,1000,ann\n8,1070,bob\n9,1140,ann\n10,1210,\n")
                [
                    "1000 block 7 by 0"
                    "1070 block 8 by 1"
                    "1140 block 9 by 0"
                    "1210 block 10 by -1"
                ]
            testCase "stands after the market's records of its instant, and keeps the names outside" (fun () ->
                inFolder (files 2 "7,1500,ann\n") (fun folder ->
                    let r = read plain folder "BTC"
                    let at = r.Events |> Array.findIndex (fun e -> e.Kind = EventKind.BlockSealed)
                    Expect.equal r.VenueAt[at - 1] r.VenueAt[at] "a quote of the same instant"
                    Expect.equal (List.ofSeq r.Proposers) [ "ann" ] "names"))
            tells
                "before the first price or after the last record is left out"
                (files 2 "5,900,ann\n6,999,ann\n7,1000,ann\n8,1070,ann\n9,9000,ann\n")
                [ "1000 block 7 by 0"; "1070 block 8 by 0" ]
            tells
                "tells a block only once"
                (files 2 "7,1000,ann\n7,1000,ann\n6,930,bob\n8,1070,ann\n")
                [ "1000 block 7 by 0"; "1070 block 8 by 0" ]
            tells
                "with heights missing after a silence was lost, and comes back with its next block"
                (files 20 "7,1000,ann\n8,1070,ann\n90,9000,ann\n91,19000,ann\n")
                [
                    "1000 block 7 by 0"
                    "1070 block 8 by 0"
                    "4070 lost"
                    "9000 back"
                    "9000 block 90 by 0"
                    // Nothing is missing: the chain stood.
                    "19000 block 91 by 0"
                ]
            tells
                "that ends before the market is lost there"
                (files 20 "7,1000,ann\n8,1070,ann\n")
                [ "1000 block 7 by 0"; "1070 block 8 by 0"; "4070 lost" ]
            testCase "named blocks.csv is every coin's that has none of its own" (fun () ->
                let both =
                    [
                        "bbo_BTC.csv", market 1
                        "bbo_ETH.csv", market 1
                        "blocks.csv", utf8 (head + "7,1000,ann\n")
                        "blocks_ETH.csv.gz", gzip (utf8 (head + "9,1000,ann\n"))
                    ]

                inFolder both (fun folder ->
                    let of' coin = told (read plain folder coin)
                    Expect.equal (of' "BTC") [ "1000 block 7 by 0" ] "the common one"
                    Expect.equal (of' "ETH") [ "1000 block 9 by 0" ] "its own"))
            refused
                "with a time that goes back is refused with the line"
                (files 2 "7,1070,ann\n8,1000,ann\n")
                [ "blocks_BTC.csv:3"; "before the time of the block above" ]
            refused
                "without its columns is refused"
                [ "bbo_BTC.csv", market 1; "blocks_BTC.csv", utf8 "height,proposer\n" ]
                [ "blocks_BTC.csv"; "block_time_ms" ]
        ]
