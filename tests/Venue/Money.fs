/// What one account gains another pays, whatever is asked of the venue.
module Vrlg.Venue.Money

open System
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given
open Vrlg.Venue.Wishes

let private start: VenueConfig =
    { config with
        // Funding every 3.6 s.
        Speed = 1_000.0
        Funds = [| for who in people -> struct (who, 100_000L * one) |]
        SpotFunds =
            [|
                for who in people do
                    struct (who, 0, 10_000L * one)
                    struct (who, 1, 100_000L * one)
                    struct (who, 2, 1_000L * one)
            |]
    }

/// USDC of all accounts together, of their isolated positions, and what builders may still claim.
let private usdc (s: VenueState) =
    Seq.sum s.House.PerpCash
    + Seq.sum s.House.SpotCash
    + Seq.sum s.House.IsolatedCash
    + Seq.sum s.Rewards.Values

let private held (s: VenueState) (m: Listed) =
    s.Accounts |> Seq.sumBy (fun a -> s.Position(a.Index, m))

/// A fee as hyperliquid-protocol.md 8.5 has it, reckoned apart from the exchange: cut toward zero to whole grains.
let private fee (rate: decimal) (grain: int64) (t: VenueTrade) =
    let worth = Decimal.Truncate(decimal t.Px * decimal t.Sz / 1e8m)
    int64 (Decimal.Truncate(worth * rate / decimal grain)) * grain

/// USDC and tokens that a trade's fees take out of the accounts.
let private fees (t: VenueTrade) : struct (int64 * int64) =
    if t.Market.IsSpot then
        let buys, sells =
            if t.Side = Side.Buy then
                0.0007m, 0.0004m
            else
                0.0004m, 0.0007m

        let inUsdc = fee buys 1L t
        struct (fee sells 1L t, int64 (Decimal.Truncate(decimal inUsdc * 1e8m / decimal t.Px)))
    else
        struct (fee 0.00045m 100L t + fee 0.00015m 100L t, 0L)

let private conserves (seed: int64) (isHostile: bool) =
    let s = venue start
    let key = Seed.key seed "money"
    let cash, coins = usdc s, Listing.markets |> Array.map (held s)
    let mutable paid = 0L
    let taken = Array.zeroCreate<int64> Listing.markets.Length
    let mutable met = 0
    let mutable slices = 0
    let mutable builders = 0L

    let funded () =
        s.Accounts
        |> Seq.sumBy (fun a -> Seq.sum [ for m in Listing.perps -> (a.Cost m.Id).AllTime ])

    let funding = funded ()

    for i in 0..1_999 do
        let out =
            step
                s
                [
                    for turn in 0..2 do
                        let draw k lo hi =
                            Seed.between key (int64 (64 * (3 * i + turn) + k)) lo hi

                        if draw 0 0L 2L > 0L then
                            let who = people[int (draw 1 0L 3L)]
                            let subs = s.ByAddress[who].Subs

                            { by who (asked s draw isHostile) with
                                Vault =
                                    (if subs.Count > 0 && draw 59 0L 2L = 0L then
                                         subs[0].Address
                                     else
                                         null)
                            }
                ]

        for struct (_, row) in out.Ledger do
            if row.Kind = "withdraw" then
                paid <- paid + row.Amount

        for struct (_, f) in out.Fills do
            slices <- slices + (if f.Twap > 0L then 1 else 0)
            builders <- builders + f.BuilderFee

        for t in out.Trades do
            let struct (usd, token) = fees t
            paid <- paid + usd
            taken[t.Market.Id] <- taken[t.Market.Id] + token

        // Both sides of a trade are told, each once, unless it is the venue's own trader.
        for t in out.Trades do
            let rows =
                [
                    for struct (a, f) in out.Fills do
                        if f.Tid = t.Tid then
                            a, f
                ]

            let mine =
                [
                    for who in [ t.Buyer; t.Seller ] do
                        if not (Array.contains who Residents.addresses) then
                            who
                ]

            Expect.equal rows.Length mine.Length "rows of a trade"
            met <- met + (if rows.Length = 2 then 1 else 0)

            for a, f in rows do
                Expect.equal (f.Px, f.Sz, f.Hash) (t.Px, t.Sz, t.Hash) "the same trade"
                Expect.equal s.Accounts[a].Address (if f.Side = Side.Buy then t.Buyer else t.Seller) "its side"
                Expect.equal f.IsTaker (f.Side = t.Side) "its role"

        let reserved = s.Accounts |> Seq.sumBy (fun a -> a.Reserved * 50_000L)

        Expect.equal (usdc s) (cash - paid - reserved - (funded () - funding)) $"USDC after block {i} of seed {seed}"

        for m in Listing.markets do
            Expect.equal (held s m) (coins[m.Id] - taken[m.Id]) $"{m.Coin} after block {i} of seed {seed}"

        for a in s.Accounts do
            Expect.isGreaterThanOrEqual s.House.SpotCash[a.Index] 0L "USDC at spot"

            for m in Listing.spots do
                Expect.isGreaterThanOrEqual (s.Position(a.Index, m)) 0L m.Coin

    Expect.isGreaterThan met (if isHostile then 0 else 5) "the four met one another"
    Expect.isGreaterThan (abs (funded () - funding)) 0L "funding was paid"
    Expect.isGreaterThan slices 0 "orders were worked off"
    Expect.isGreaterThan builders 0L "builders were paid"
    Expect.exists s.Accounts (fun a -> not (isNull a.Master)) "sub-accounts"
    Expect.exists s.House.IsolatedCash (fun c -> c <> 0L) "positions with a margin of their own"

let tests =
    testList
        "money"
        [
            for seed in 1L .. 4L do
                testCase $"is conserved but for fees and funding, seed {seed}" (fun () -> conserves seed false)
                testCase $"is conserved whatever numbers are asked for, seed {seed}" (fun () -> conserves seed true)
            testCase "a price of liquidation is the venue's, to the digits that we keep" (fun () ->
                // A position recorded on the venue: 2 HYPE at a mark of 37.826, 3.743154 available, 10x.
                let at side =
                    Figures.liquidation 10 (side * 2L * one) 3_782_600_000L 374_315_400L

                Expect.equal (at 1L) 3_585_591_895L "35.8559189474, upwards: sooner rather than later"
                Expect.isGreaterThan (at -1L) 3_782_600_000L "a short one lies above the mark"
                Expect.equal (Figures.liquidation 10 one 100L (1_000_000L * one)) 0L "no price takes so much"
                Expect.equal (Figures.liquidation 40 1L Int64.MaxValue Int64.MaxValue) 0L "and none beyond all numbers")
            testCase "no size is so large that its margin is forgotten" (fun () ->
                let s = venue start
                step s [ by alice (Action.UpdateLeverage(0, true, 1)) ] |> ignore
                place s alice (ask 0 Side.Buy "84500" "0.01" "Ioc") |> ignore
                let most = Int64.MaxValue - Int64.MaxValue % one

                let huge =
                    { ask 0 Side.Buy "80000" "1" "Gtc" with
                        Sz = most
                    }

                Expect.equal (text (place s alice huge)) "Insufficient margin to place order. asset=0" "refused")
            testCase "what the venue closes by itself is told as filled, and conserves money too" (fun () ->
                let s = venue { start with Speed = 1.0 }
                let mutable paid = 0L

                let count (out: BlockOutput) =
                    for t in out.Trades do
                        let struct (usd, _) = fees t
                        paid <- paid + usd

                step s [ by alice (Action.UpdateLeverage(0, true, 40)) ] |> ignore
                let cash = usdc s
                count (step s [ by alice (order [ ask 0 Side.Buy "84500" "40" "Ioc" ]) ])
                Expect.isGreaterThan (s.Position(s.ByAddress[alice].Index, Listing.markets[0])) 0L "long"
                s.Markets[0].Fair <- 81_000e8

                for _ in 1..200 do
                    count (step s [])

                let forced =
                    s.ByAddress[alice].Orders
                    |> Seq.filter (fun o -> o.Ask.Tif = "LiquidationMarket")
                    |> Seq.toArray

                Expect.isGreaterThan forced.Length 0 "it was liquidated"

                Expect.equal
                    [
                        for o in forced do
                            if o.Status <> "filled" then
                                o.Status
                    ]
                    []
                    "status"

                let funding = s.Accounts |> Seq.sumBy (fun a -> (a.Cost 0).AllTime)
                Expect.isGreaterThan paid 0L "fees"
                Expect.equal (usdc s + paid + funding) cash "USDC")
            testCase "a schedule beyond all time cancels nothing" (fun () ->
                let s = venue start
                place s alice (ask 0 Side.Buy "80000" "0.01" "Gtc") |> ignore

                for time in [ Int64.MaxValue; Int64.MaxValue / 1_000_000L + 1L; 9_300_000_000_000L ] do
                    step s [ by alice (Action.ScheduleCancel(ValueSome time)) ] |> ignore
                    step s [] |> ignore
                    Expect.equal s.ByAddress[alice].Live.Count 1 $"{time}")
            testCase "each fill of a spot order begins where the last one ended" (fun () ->
                let s = venue start
                let spot = Listing.markets[4]
                let fair = (Instrument.floorPx spot.Rules (int64 s.Markets[4].Fair)).Raw

                let sell px : OrderAsk =
                    { ask 10_001 Side.Sell "1" "1" "Ioc" with
                        Px = px
                        Sz = 900L * one
                    }

                let before = s.Position(s.ByAddress[alice].Index, spot)
                place s alice (sell (fair - fair / 50L)) |> ignore
                let mutable balance = before
                Expect.isGreaterThan (fillsOf s alice).Count 1 "levels"

                for f in fillsOf s alice do
                    Expect.equal f.StartPosition balance "before it"
                    balance <- balance - f.Sz)
            testCase "an account remembers so many orders, and all that are open" (fun () ->
                let s = venue start
                let first = oid (place s alice (ask 0 Side.Buy "80000" "0.01" "Gtc"))
                let refused = order [ for _ in 1..1_000 -> ask 0 Side.Buy "80000.5" "0.01" "Gtc" ]

                for _ in 1..12 do
                    step s [ by alice refused ] |> ignore

                let last = oid (place s alice (ask 0 Side.Buy "80000" "0.01" "Gtc"))
                let a = s.ByAddress[alice]
                Expect.isLessThanOrEqual a.Orders.Count 10_000 "rows"
                Expect.equal a.ByOid.Count a.Orders.Count "by number"
                Expect.isTrue (a.Find { Oid = first; Cloid = null }).IsLive "the open one"
                Expect.isNotNull (a.Find { Oid = last; Cloid = null }) "the last one")
        ]
