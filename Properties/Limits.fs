/// What a run may spend and lose: the budget of actions with its reserve for exits (I10), the limit of the loss.
module Vrlg.Properties.Limits

open System.Collections.Generic
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0
let private account = AccountId.Of 0

let private poor (allowance: int64) (reserve: int64) : Config =
    { Hostile.config with
        Budget =
            {
                Allowance = allowance
                ExitReserve = reserve
                Used = 0L
                TradedUsd = Usd.Of 0L
            }
    }

let private limited (loss: int64) : Config =
    { Hostile.config with
        MaxLoss = Usd.Of(loss * lot)
        Stall = StallConfig.Off
    }

/// The commands of a step that cost an action, as they were sent, with what was left before each.
let private paid (output: Output) (s: State) : (Command * int64) list =
    let budget = s.Facts.Budget account

    let sent =
        [
            if not output.Commands.IsDefaultOrEmpty then
                for c in output.Commands do
                    match c with
                    | Place _
                    | Cancel _ -> c
                    | _ -> ()
        ]

    sent |> List.mapi (fun i c -> c, budget.Left + int64 sent.Length - int64 i)

let private budgets =
    Gen.zip3 Hostile.happenings.Generator (Gen.choose64 (0L, 12L)) (Gen.choose64 (0L, 6L))
    |> Arb.fromGen

/// One trade of `n` at `price`, above 0 a buy, then a fee and a funding payment, then a market around `mid`.
let private told n price fee funding mid : Event list =
    let fill: Fill =
        {
            Account = account
            Instrument = id
            Cloid = { Run = 9L; N = 77L }
            TradeId = 1L
            Side = if n > 0L then Side.Buy else Side.Sell
            Px = px price
            Sz = sz (abs n)
            Fee = Usd.Of(fee * lot)
            Cumulative = sz (abs n)
            IsMaker = true
        }

    let paid: Funding =
        {
            Account = account
            Instrument = id
            Paid = Usd.Of(funding * lot)
        }

    [
        Event.Of(RareEvent.Filled fill, at 50L)
        Event.Of(RareEvent.FundingPaid paid, at 50L)
        Event.LevelMoved(id, Side.Buy, px 99L, sz 0L, at 50L)
        Event.LevelMoved(id, Side.Sell, px 101L, sz 0L, at 50L)
        Event.LevelMoved(id, Side.Buy, px (mid - 1L), sz 5L, at 50L)
        Event.LevelMoved(id, Side.Sell, px (mid + 1L), sz 5L, at 50L)
        Event.Ticked(at 100L)
    ]

let private hear (c: Config) (events: Event list) : State =
    events
    |> List.indexed
    |> List.fold
        (fun s (i, e) ->
            let input = Stamped(int64 i + 4L, at (50L + int64 i), e)
            let struct (next, _) = Engine.step c s &input
            next)
        (Hostile.beginIn c false)

let tests =
    testList
        "limits"
        [
            lawN
                300
                "of actions: an entry and its cancel leave the exits' reserve alone, and nothing is placed on none"
                (fun () ->
                    Prop.forAll budgets (fun (all, allowance, reserve) ->
                        let c = poor allowance reserve
                        let cancelled = HashSet<int64>()
                        // What exits spent, and cancels that nobody could foresee: of orders that outlived one, or were given up.
                        let mutable apart = 0L
                        let mutable ok = true

                        Hostile.driveIn c (Hostile.beginIn c true) all (fun _ output s ->
                            for command, left in paid output s do
                                match command with
                                | Place a when a.Order.ReduceOnly ->
                                    ok <- ok && left > 0L
                                    apart <- apart + 1L
                                | Place _ -> ok <- ok && left > reserve
                                | Cancel(_, _, cloid) ->
                                    let isStray =
                                        match s.Facts.Orders.TryLive cloid with
                                        | ValueSome o -> (let slot = o.Slot in slot.IsStray)
                                        | ValueNone -> true

                                    if not (cancelled.Add cloid.N) || isStray then
                                        apart <- apart + 1L
                                    else
                                        ok <- ok && left + apart > reserve
                                | _ -> ())
                        |> ignore<State>

                        ok))
            lawN 200 "of actions: all that was sent is counted as used" (fun () ->
                Prop.forAll budgets (fun (all, allowance, reserve) ->
                    let c = poor (allowance + 100L) reserve
                    let mutable sent = 0L

                    let last =
                        Hostile.driveIn c (Hostile.beginIn c true) all (fun _ output s ->
                            sent <- sent + int64 (paid output s).Length)

                    let budget = last.Facts.Budget account
                    budget.Used = sent))
            lawN 300 "of the loss: a run halts exactly when price, fees and funding have lost it" (fun () ->
                let sizes = Gen.oneof [ Gen.choose64 (1L, 20L); Gen.choose64 (-20L, -1L) ]

                let drawn =
                    Gen.zip
                        (Gen.zip3 sizes (Gen.choose64 (60L, 140L)) (Gen.choose64 (60L, 140L)))
                        (Gen.zip3 (Gen.choose64 (-9L, 9L)) (Gen.choose64 (-9L, 9L)) (Gen.choose64 (1L, 400L)))

                Prop.forAll (Arb.fromGen drawn) (fun ((n, price, mid), (fee, funding, limit)) ->
                    let s = hear (limited limit) (told n price fee funding mid)
                    let loss = n * (price - mid) + fee + funding
                    s.Facts.Health.IsHalted = (loss >= limit)))
        ]
