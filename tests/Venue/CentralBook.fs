/// Accounts trade with one another at price and time, by the exchange of the simulator.
module Vrlg.Venue.CentralBook

open Expecto
open System.Collections.Immutable
open Vrlg.Core
open Vrlg.Sim

let private one = 100_000_000L

let private config: ExchangeConfig =
    {
        Instruments =
            ImmutableArray.Create<Instrument>(
                {
                    Id = InstrumentId.Of 0
                    Venue = VenueId.Of 0
                    Name = "T"
                    Kind = InstrumentKind.Perp
                    SzDecimals = 0
                    MaxLeverage = 10
                    MinNotional = Usd.Of 0L
                }
            )
        Accounts = 4
        Fees =
            {
                Maker = Rate.Of 0L
                Taker = Rate.Of 0L
            }
        Queue = QueueModel.RiskAverse
        CheckRules = true
        Rules =
            { MatchRules.Default with
                IsCentral = true
                Cash = Usd.Of(1_000_000L * one)
                ChecksMargin = true
            }
    }

let mutable private number = 0L

let private send (e: ExchangeState) account side px sz tif : struct (ExchangeState * string list) =
    number <- number + 1L

    let order: ExchangeOrder =
        {
            Account = account
            Instrument = 0
            Cloid = { Run = 0L; N = number }
            Side = side
            Tif = tif
            ReduceOnly = false
            Px = px * one
            Sz = sz * one
            Expires = 0L
        }

    let out = Reports()
    let next = Exchange.placeOrder e (Instant.Of number) &order out

    let said =
        [
            for i in 0 .. out.Count - 1 do
                let r = out.Report i

                match r.Kind with
                | ReportKind.Filled -> $"{r.Account} {r.Side} {r.Sz / one}@{r.Px / one}"
                | ReportKind.Refused -> $"{r.Account} refused {r.Word}"
                | ReportKind.Ended -> $"{r.Account} ended {r.Word}"
                | _ -> ()
        ]

    struct (next, said)

let private resting (orders: (int * Side * int64 * int64) list) =
    orders
    |> List.fold
        (fun e (account, side, px, sz) ->
            let struct (next, _) = send e account side px sz Tif.Gtc
            next)
        (Exchange.create config)

let tests =
    testList
        "a central book"
        [
            testCase "a taker meets the best price first, then who came first" (fun () ->
                let e =
                    resting [ 0, Side.Sell, 101L, 1L; 1, Side.Sell, 100L, 2L; 2, Side.Sell, 100L, 2L ]

                let struct (e, said) = send e 3 Side.Buy 101L 4L Tif.Gtc

                Expect.equal
                    said
                    [ "1 Sell 2@100"; "3 Buy 2@100"; "2 Sell 2@100"; "3 Buy 2@100" ]
                    "at the resting price, the maker's side first"

                Expect.equal (e.Position(AccountId.Of 3, InstrumentId.Of 0)).Raw (4L * one) "position"
                Expect.equal (e.Position(AccountId.Of 1, InstrumentId.Of 0)).Raw (-2L * one) "maker")
            testCase "what is partly filled keeps its place" (fun () ->
                let e = resting [ 0, Side.Buy, 100L, 5L; 1, Side.Buy, 100L, 5L ]
                let struct (e, _) = send e 2 Side.Sell 100L 2L Tif.Ioc
                let struct (_, said) = send e 2 Side.Sell 100L 4L Tif.Ioc

                Expect.equal
                    said
                    [ "0 Buy 3@100"; "2 Sell 3@100"; "1 Buy 1@100"; "2 Sell 1@100" ]
                    "the first one's rest before the second")
            testCase "the taker's rest rests at its own limit" (fun () ->
                let e = resting [ 0, Side.Sell, 100L, 1L ]
                let struct (e, _) = send e 1 Side.Buy 102L 3L Tif.Gtc

                Expect.equal
                    [
                        for struct (_, px, sz, _) in e.Resting(InstrumentId.Of 0, Side.Buy) ->
                            px.Raw / one, sz.Raw / one
                    ]
                    [ 102L, 2L ]
                    "bids")
            testCase "an own order in the way is cancelled, and the taker goes on" (fun () ->
                let e = resting [ 0, Side.Sell, 100L, 1L; 1, Side.Sell, 100L, 1L ]
                let struct (_, said) = send e 0 Side.Buy 100L 1L Tif.Ioc
                Expect.equal said [ "0 ended selfTradeCanceled"; "1 Sell 1@100"; "0 Buy 1@100" ] "said")
            testCase "a post-only order that would meet anybody is refused, own orders stay" (fun () ->
                let e = resting [ 0, Side.Sell, 100L, 1L ]
                let struct (e, said) = send e 0 Side.Buy 100L 1L Tif.Alo
                Expect.equal said [ "0 refused badAloPxRejected" ] "said"
                Expect.equal (e.Resting(InstrumentId.Of 0, Side.Sell)).Length 1 "stays")
            testCase "an immediate order that meets only own ones cancels them and is refused" (fun () ->
                let e = resting [ 0, Side.Sell, 100L, 1L ]
                let struct (_, said) = send e 0 Side.Buy 100L 1L Tif.Ioc
                Expect.equal said [ "0 ended selfTradeCanceled"; "0 refused iocCancelRejected" ] "said")
            testCase "a resting order whose account can no longer carry it goes, the taker meets the next" (fun () ->
                let e = resting [ 0, Side.Sell, 100L, 10_000L; 1, Side.Sell, 100L, 1L ]
                // A position whose loss eats what the account had.
                let struct (e, _) = send e 2 Side.Buy 90L 80_000L Tif.Gtc
                let struct (e, _) = send e 0 Side.Sell 90L 80_000L Tif.Ioc
                let px = Px.Of(95L * one)

                let context =
                    Event.ContextMoved(InstrumentId.Of 0, px, px, 0L, Sz.Of 0L, Instant.Of 1L)

                let e = Exchange.market e (Instant.Of 1L) &context (Reports())
                let struct (_, said) = send e 3 Side.Buy 100L 1L Tif.Ioc
                Expect.equal said [ "0 ended marginCanceled"; "1 Sell 1@100"; "3 Buy 1@100" ] "said")
            testCase "what one gains another pays: money and positions add up to what was there" (fun () ->
                let mutable e = Exchange.create config

                for i in 0..499 do
                    let key = Seed.key 3L "sum"

                    let draw k lo hi =
                        Seed.between key (int64 (8 * i + k)) lo hi

                    let side = if draw 0 0L 1L = 0L then Side.Buy else Side.Sell
                    let tif = if draw 1 0L 2L = 0L then Tif.Ioc else Tif.Gtc

                    let struct (next, _) =
                        send e (int (draw 2 0L 3L)) side (draw 3 95L 105L) (draw 4 1L 9L) tif

                    e <- next

                let sum f = Seq.sum (Seq.init 4 f)
                Expect.equal (sum (fun a -> (e.Position(AccountId.Of a, InstrumentId.Of 0)).Raw)) 0L "positions"
                Expect.equal (sum (fun a -> (e.Cash(AccountId.Of a)).Raw)) (4_000_000L * one) "cash"

                let bids, asks =
                    e.Resting(InstrumentId.Of 0, Side.Buy), e.Resting(InstrumentId.Of 0, Side.Sell)

                if bids.Length > 0 && asks.Length > 0 then
                    let struct (_, bid, _, _) = bids[0]
                    let struct (_, ask, _, _) = asks[0]
                    Expect.isLessThan bid.Raw ask.Raw "never crossed")
        ]
