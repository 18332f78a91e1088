/// A venue is a fold of its blocks.
module Vrlg.Venue.Folding

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

/// Five minutes of both trading at random, as blocks.
let private blocks (count: int) : Block[] =
    let key = Seed.key 11L "folding"
    let mutable time = genesis

    Array.init count (fun i ->
        time <- time + 70L

        let draw k lo hi =
            Seed.between key (int64 (16 * i + k)) lo hi

        let who = if draw 0 0L 1L = 0L then alice else bob
        let side = if draw 1 0L 1L = 0L then Side.Buy else Side.Sell
        let px = string (83_750L + draw 2 -40L 40L)
        let tif = [| "Gtc"; "Ioc"; "Alo" |][int (draw 3 0L 2L)]
        let act = by who (order [ ask 0 side px "0.01" tif ])

        {
            Time = time
            Submissions =
                (if draw 4 0L 3L = 0L then
                     [| { act with Nonce = time } |]
                 else
                     [||])
        })

let private run (config: VenueConfig) (all: Block[]) =
    let s = LocalVenue.create config
    let outputs = all |> Array.map (LocalVenue.step s)

    let trades =
        [
            for o in outputs do
                for t in o.Trades do
                    t.Market.Coin, t.Px, t.Sz, t.Time, t.Tid, t.Hash, t.Buyer, t.Seller
        ]

    let fills =
        [
            for who in [ alice; bob ] do
                for f in fillsOf s who do
                    who, f.Px, f.Sz, f.Oid, f.Tid, f.Fee, f.ClosedPnl
        ]

    struct (s, trades, fills)

let tests =
    testList
        "folding"
        [
            testCase "the same blocks give the same trades, fills and money" (fun () ->
                let all = blocks 4_000
                let struct (a, trades, fills) = run config all
                let struct (b, again, fillsAgain) = run config all
                Expect.isGreaterThan trades.Length 50 "trades"
                Expect.isGreaterThan fills.Length 20 "fills"
                Expect.equal again trades "trades"
                Expect.equal fillsAgain fills "fills"

                Expect.equal b.LastOid a.LastOid "numbers given"

                for i in 0 .. a.Accounts.Count - 1 do
                    Expect.equal b.House.PerpCash[i] a.House.PerpCash[i] "cash"
                    Expect.equal b.House.SpotCash[i] a.House.SpotCash[i] "spot"

                    for m in Listing.markets do
                        Expect.equal (b.Position(i, m)) (a.Position(i, m)) m.Coin)
            testCase "whatever four people asked for, asked again it gives the same venue" (fun () ->
                let config =
                    { config with
                        Funds = [| for who in Wishes.people -> struct (who, 100_000L * one) |]
                    }

                let s = LocalVenue.create config
                let key = Seed.key 12L "folding"

                let blocks =
                    [|
                        for i in 0..1_499 do
                            let draw k lo hi =
                                Seed.between key (int64 (64 * i + k)) lo hi

                            let block =
                                {
                                    Time = s.Time + 70L
                                    Submissions =
                                        (if i < 3 then
                                             [||]
                                         else
                                             [| by Wishes.people[int (draw 1 0L 3L)] (Wishes.asked s draw false) |])
                                }

                            LocalVenue.step s block |> ignore
                            block
                    |]

                let again = LocalVenue.create config

                for block in blocks do
                    LocalVenue.step again block |> ignore

                Expect.exists s.Accounts (fun a -> not (isNull a.Master)) "sub-accounts were opened"
                Expect.isGreaterThan s.LastTwap 0L "orders over time were begun"
                Expect.sequenceEqual again.House.PerpCash s.House.PerpCash "cash"
                Expect.sequenceEqual again.House.SpotCash s.House.SpotCash "spot"
                Expect.sequenceEqual again.House.IsolatedCash s.House.IsolatedCash "margin of positions' own"
                Expect.sequenceEqual again.House.Leverages s.House.Leverages "leverage"
                Expect.sequenceEqual again.Rewards s.Rewards "rewards"
                Expect.equal again.LastOid s.LastOid "numbers given"

                for i in 0 .. s.Accounts.Count - 1 do
                    Expect.equal again.Accounts[i].Address s.Accounts[i].Address "account"
                    Expect.equal again.Accounts[i].Shares s.Accounts[i].Shares "parts of the vault"
                    Expect.equal again.Accounts[i].Twaps.Count s.Accounts[i].Twaps.Count "orders over time"

                    for m in Listing.markets do
                        Expect.equal (again.Position(i, m)) (s.Position(i, m)) m.Coin)
            testCase "positions of a perpetual add up to nothing" (fun () ->
                let struct (s, _, _) = run config (blocks 4_000)

                for m in Listing.perps do
                    let sum = s.Accounts |> Seq.sumBy (fun a -> s.Position(a.Index, m))
                    Expect.equal sum 0L m.Coin)
            testCase "the book is never crossed and shows twenty levels a side" (fun () ->
                let s = venue config

                for _ in 1..500 do
                    step s [] |> ignore

                    for m in Listing.markets do
                        let bids = LocalVenue.levels s m Side.Buy 20
                        let asks = LocalVenue.levels s m Side.Sell 20
                        Expect.isGreaterThanOrEqual bids.Length 15 m.Coin
                        let struct (bid, _, _) = bids[0]
                        let struct (ask, _, _) = asks[0]
                        Expect.isLessThan bid ask m.Coin)
            testCase "in the rotation scenario the spread is wider around the schedule's turn" (fun () ->
                let s =
                    venue
                        { config with
                            Scenario = Scenario.Rotation
                        }

                let near, far = ResizeArray<float>(), ResizeArray<float>()

                for _ in 1..2_000 do
                    step s [] |> ignore

                    let spread =
                        float (s.Best(Listing.markets[0], Side.Sell) - s.Best(Listing.markets[0], Side.Buy))

                    (if Chain.isNearTurn s.Turn then near else far).Add spread

                Expect.isGreaterThan (Seq.average near) (1.5 * Seq.average far) "spread")
            testCase "bars: 5,000 of every interval, ascending, whole" (fun () ->
                let s = venue config

                for i in 0 .. Interval.all.Length - 1 do
                    let bars = s.Candles.Between(Listing.markets[0], i, 0L, s.Time, s.Time)

                    if i < 11 then
                        Expect.equal bars.Length 5_000 (Interval.name i)

                    for k in 1 .. bars.Length - 1 do
                        Expect.equal bars[k].Time (Interval.following i bars[k - 1].Time) (Interval.name i)

                    for b in bars do
                        Expect.isTrue
                            (b.Low <= min b.Open b.Close && b.High >= max b.Open b.Close && b.Low > 0L)
                            "shape")
            testCase "funding is paid on the hour, by one side to the other" (fun () ->
                let s = venue config
                place s alice (ask 0 Side.Buy "84000" "0.5" "Ioc") |> ignore
                let hour = s.NextFunding

                let out =
                    LocalVenue.step
                        s
                        {
                            Time = hour + 20L
                            Submissions = [||]
                        }

                let paid = [ for struct (_, f) in out.Fundings -> f.Usdc ]
                Expect.equal paid.Length 1 "alice's row"
                let paid = s.Accounts |> Seq.sumBy (fun a -> (a.Cost 0).AllTime)
                Expect.isLessThan (abs paid) 10L "what is paid is received, but for rounding")
        ]
