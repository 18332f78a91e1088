/// What four people may ask of a venue, drawn.
module Vrlg.Venue.Wishes

open System
open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private carol = "0x3333333333333333333333333333333333333333"
let private dave = "0x4444444444444444444444444444444444444444"
let people = [| alice; bob; carol; dave |]

let private hostile =
    [|
        Int64.MinValue
        -2L
        -1L
        0L
        1L
        one
        Int64.MaxValue / 2L - (Int64.MaxValue / 2L) % one
        Int64.MaxValue - Int64.MaxValue % one
        Int64.MaxValue
    |]

/// Something that is no order: margin of its own, sub-accounts, sends, the vault, builders, orders over time.
let private managed (s: VenueState) draw odd (pick: string[] -> int -> string) (m: Listed) (plain: OrderAsk) (n: int) =
    let usd = odd 50 (draw 11 1L 500L * one)

    let sub =
        let all =
            [|
                for a in s.Accounts do
                    if not (isNull a.Master) then
                        a.Address
            |]

        pick (Array.append all [| carol |]) 13

    let isDeposit = draw 12 0L 1L = 0L

    match n with
    | 20
    | 21 -> Action.UpdateLeverage(m.Asset, false, int (draw 14 1L 10L))
    | 22 -> Action.UpdateIsolatedMargin(m.Asset, (if isDeposit then usd else -usd))
    | 23 -> Action.TopUpIsolated(m.Asset, odd 51 (draw 14 1L 5L * one))
    | 24 ->
        if draw 15 0L 1L = 0L then
            Action.Withdraw usd
        else
            Action.Reserve(draw 14 1L 10L, null)
    | 25 ->
        Action.SendAsset
            {
                Destination = pick (Array.append people [| sub |]) 15
                From = (if isDeposit then "" else "spot")
                To = (if draw 16 0L 1L = 0L then "" else "spot")
                Token = (if draw 17 0L 2L = 0L then "HYPE" else "USDC")
                Amount = usd
                Sub = (if draw 14 0L 3L = 0L then sub else "")
                IsByAgent = draw 9 0L 1L = 0L
            }
    | 26 ->
        if draw 14 0L 9L = 0L then
            Action.CreateSub "s"
        else
            Action.SubTransfer(sub, isDeposit, usd)
    | 27 -> Action.SubSpotTransfer(sub, isDeposit, (if draw 14 0L 1L = 0L then "USDC" else "HYPE"), usd)
    | 28 -> Action.VaultTransfer(Residents.addresses[Residents.maker], isDeposit, usd)
    | 29 -> Action.SubClassTransfer(sub, usd, isDeposit)
    | 30 -> Action.ApproveBuilder(carol, draw 14 1L 100L)
    | 31 ->
        if draw 14 0L 3L = 0L then
            Action.ClaimRewards
        else
            Action.TwapCancel(m.Asset, draw 15 1L 20L)
    | _ ->
        Action.Twap
            {
                Asset = m.Asset
                Side = plain.Side
                Sz = odd 52 plain.Sz
                ReduceOnly = plain.ReduceOnly
                Minutes = 5L
                Randomize = isDeposit
                Trigger = ValueNone
                Stop = ValueNone
            }

/// Something that one of the four may ask for; now and then with numbers that nobody means.
let asked (s: VenueState) (draw: int -> int64 -> int64 -> int64) (isHostile: bool) : Action =
    let pick (xs: 'a[]) k =
        xs[int (draw k 0L (xs.LongLength - 1L))]

    let odd k (usual: int64) =
        if isHostile && draw k 0L 3L = 0L then
            pick hostile (k + 1)
        else
            usual

    let m = Listing.markets[pick [| 0; 2; 3; 3; 3; 4 |] 2]
    let tick = (Instrument.tickAt m.Rules (Px.Of(int64 s.Markets[m.Id].Fair)))

    let near =
        (Instrument.floorPx m.Rules (int64 s.Markets[m.Id].Fair)).Raw
        + tick * draw 3 -30L 30L

    let lot = Instrument.lot m.Rules
    let size = 50L * one * one / near * draw 4 1L 40L
    let side = if draw 5 0L 1L = 0L then Side.Buy else Side.Sell

    let plain: OrderAsk =
        {
            Asset = m.Asset
            Side = side
            Px = odd 20 near
            Sz = odd 30 (size - size % lot)
            ReduceOnly = draw 6 0L 4L = 0L
            Tif = pick [| "Gtc"; "Gtc"; "Ioc"; "Alo"; "FrontendMarket" |] 7
            Trigger = ValueNone
            Cloid = null
            Builder =
                (if draw 18 0L 3L = 0L then
                     ValueSome
                         {
                             Address = carol
                             Rate = draw 19 0L 60L
                         }
                 else
                     ValueNone)
        }

    let trigger: OrderAsk =
        { plain with
            ReduceOnly = true
            Tif = null
            Trigger =
                ValueSome
                    {
                        Px = odd 40 near
                        IsMarket = draw 8 0L 1L = 0L
                        IsTakeProfit = draw 9 0L 1L = 0L
                    }
        }

    match draw 10 0L 45L with
    | n when n >= 20L && n < 34L -> managed s draw odd pick m plain (int n)
    | 0L -> Action.ClassTransfer(odd 50 (draw 11 1L 500L * one), draw 12 0L 1L = 0L)
    | 1L -> Action.UsdSend(pick people 13, odd 50 (draw 11 1L 500L * one))
    | 2L -> Action.SpotSend(pick people 13, "HYPE:" + Listing.tokens[2].TokenId, odd 50 (draw 11 1L 20L * one))
    | 3L -> Action.UpdateLeverage(m.Asset, true, int (draw 14 1L 10L))
    | 4L -> Action.ScheduleCancel(ValueSome(odd 50 (s.Time + 6_000L)))
    | 5L -> Action.Order([| plain; trigger |], Grouping.NormalTpsl)
    | 6L
    | 7L -> Action.Order([| trigger |], pick [| Grouping.Na; Grouping.PositionTpsl |] 15)
    | 8L
    | 9L ->
        let name =
            {
                Oid = s.LastOid - draw 16 0L 400L
                Cloid = null
            }

        Action.Modify([| { Name = name; Order = plain } |], draw 17 0L 1L = 0L, true)
    | _ -> Action.Order([| plain |], Grouping.Na)
