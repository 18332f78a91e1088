/// What is asked before real money: all answers at once, each a sentence (X02, X10, X21).
module Vrlg.Stories.Preflights

open Expecto
open Vrlg.Core
open Vrlg.Stories.Given

let private venue =
    { btc with
        MinNotional = Usd.Of(10L * one)
    }

let private usd (n: int64) = Usd.Of(n * one)

/// Fees and a tick that stand against nothing.
let private fine =
    [ "fees.maker_bps", "0"; "fees.taker_bps", "0"; "symbol.tick_size", "1" ]

let private flight (sets: (string * string) list) (equity: int64) (accepts: bool) : Flight =
    {
        Setup = Given.setup venue sets
        Px = Px.Of(63_000L * one)
        Equity = usd equity
        AcceptsNegativeEdge = accepts
    }

let private sentences (f: Flight) =
    Preflight.refusals f |> Seq.map Preflight.sentence |> Seq.toList

let tests =
    testList
        "before real money"
        [
            testCase "nothing stands against settings that can trade" (fun () ->
                Expect.equal (sentences (flight fine 10_000L false)) [] "none")
            testCase "an equity with which no entry is ever sent is refused, with the least that is enough" (fun () ->
                match sentences (flight fine 5_000L false) with
                | [ one' ] ->
                    Expect.stringContains one' "5040 USD" "0.00016 BTC of 63,000 at 0.2 %"
                    Expect.stringContains one' "least order of 0.00016 (10.08 USD)" "the venue's"
                | other -> failtestf "%A" other

                Expect.equal (sentences (flight fine 5_040L false)) [] "the very least is enough")
            testCase "no equity helps where the largest position is below the least order" (fun () ->
                match sentences (flight (("exec.max_exposure_btc", "0.0001") :: fine) 1_000_000L false) with
                | [ one' ] -> Expect.stringContains one' "exec.max_exposure_btc" "the setting"
                | other -> failtestf "%A" other)
            testCase "settings that cannot pay are refused unless a person takes them" (fun () ->
                let dear = [ "symbol.tick_size", "1" ]

                match sentences (flight dear 10_000L false) with
                | [ one' ] -> Expect.stringContains one' "--accept-negative-edge" "what to say"
                | other -> failtestf "%A" other

                Expect.equal (sentences (flight dear 10_000L true)) [] "taken")
            testCase "another tick than the venue's is refused, with the venue's" (fun () ->
                match sentences (flight (List.take 2 fine) 10_000L false) with
                | [ one' ] -> Expect.stringContains one' "set symbol.tick_size = 1" "what to do"
                | other -> failtestf "%A" other)
            testCase "all that stands against it comes at once" (fun () ->
                Expect.equal (sentences (flight [] 100L false)).Length 3 "size, fees, tick"

                let unpriced =
                    { flight [] 100L false with
                        Px = Px.Of 0L
                    }

                Expect.equal (sentences unpriced).Length 1 "without a price only that")
            testCase "clips that the venue would not take are said, with the equity that it takes" (fun () ->
                let idle sets =
                    Preflight.idle (Given.setup venue sets) (Px.Of(63_000L * one))

                Expect.equal (idle []) [] "the defaults are nobody's choice"

                match idle [ "exec.micro_clips", "4" ] with
                | [ only ] ->
                    Expect.stringContains only "exec.micro_clips = 4 cannot act" "the setting"
                    Expect.stringContains only "in one piece" "what happens"

                    Expect.stringContains
                        only
                        "an entry of 0.00064, an equity of 20160 USD"
                        "4 x 0.00016 at 63,000, 0.2 %"
                | other -> failtestf "%A" other

                Expect.equal (idle [ "exec.micro_clips", "4"; "account.equity_usd", "20160" ]) [] "the very least")
            testCase
                "a display that never shows less is said, and the equity is the least with which it does"
                (fun () ->
                    let idle sets =
                        Preflight.idle
                            (Given.setup venue (("exec.min_display_btc", "0.0002") :: sets))
                            (Px.Of(63_000L * one))

                    match idle [] with
                    | [ only ] ->
                        Expect.stringContains only "shows whole" "what happens"
                        Expect.stringContains only "an equity of 11340 USD" "0.0002 + 0.00016"
                    | other -> failtestf "%A" other

                    Expect.equal (idle [ "account.equity_usd", "11340" ]) [] "the very least"
                    Expect.isNonEmpty (idle [ "account.equity_usd", "11339" ]) "a dollar less")
            testCase "a share outside the document's 0.2 to 0.5 % is allowed with a word" (fun () ->
                let words (pct: string) =
                    let setup = Given.setup venue [ "exec.size_pct", pct ]
                    (Preflight.warnings setup.Values).Length

                Expect.equal [ for p in [ "0.2"; "0.5"; "0.19"; "0.51"; "5" ] -> words p ] [ 0; 0; 1; 1; 1 ] "edges")
        ]
