/// What is held is protected, what is not is not (I8, X11, X55), and a kill is final (I2): whatever happens.
module Vrlg.Properties.Protection

open System.Collections.Immutable
open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0
let private account = AccountId.Of 0

let private slot (side: Side) (name: int) : Slot =
    {
        Instrument = id
        Side = side
        Name = name
    }

/// Position, in whole lots, 1e-8.
let private held (s: State) =
    let p = s.Facts.Ledger.Position(account, id)
    (Instrument.roundSz (s.Facts.Market id).Rules p.Size).Raw

let private exitSide (position: int64) =
    if position > 0L then Side.Sell else Side.Buy

let private isStopOf (o: Order) = (let at = o.Slot in at.IsBackstop)

let private raw (p: Px) = p.Raw

let private isPart (e: Event) = e.IsPart

/// The house's stops that live at the exchange or are on their way.
let private stops (s: State) : Order list =
    [
        for o in s.Facts.Orders.LiveOrders.ToArray() do
            if isStopOf o then
                o
    ]

let private wishes (s: State) : WantedSlot list =
    let w = (s.Desk(DeskId.Of 0)).Wanted
    [ for i in 0 .. w.Count - 1 -> w.At i ]

/// A local stop of the side that leaves is armed.
let private isGuarded (s: State) (position: int64) =
    wishes s
    |> List.exists (fun i -> raw i.Stop > 0L && i.Slot.Side = exitSide position)

/// Its stop lives, waits with a reason that was noted or for a moment to pass, or for its slot.
let private isBackstopped (s: State) (now: Instant) (position: int64) =
    let at = Slot.Backstop(id, exitSide position)

    match s.Facts.Orders.TryIn(DeskId.Of 0, at) with
    | ValueSome _ -> true
    | ValueNone ->
        let isNoted =
            wishes s
            |> List.exists (fun i ->
                (let own = i.Slot in own.IsBackstop)
                && i.Slot.Side = at.Side
                && i.Armed
                && (not i.Noted.IsDefaultOrEmpty || raw i.RefusedPx > 0L))

        let isPausing =
            match s.Facts.Orders.TryLastClosed(DeskId.Of 0, at) with
            | ValueSome o -> (let age: Duration = now - o.ChangedAt in age.Ns < 1_000_000_000L)
            | ValueNone -> false

        isNoted || isPausing

let private isResting (o: Order) =
    match o.Phase with
    | Phase.Resting -> true
    | _ -> false

/// Nothing protects what is not held: of stops still there each is on its way in, out, or in doubt.
let private isBare (s: State) =
    stops s |> List.forall (isResting >> not)

/// What must hold after every whole message.
let private isSound (guards: bool) (now: Instant) (s: State) =
    let position = held s

    let isOneASide =
        stops s
        |> List.countBy (fun o -> o.Slot.Side)
        |> List.forall (fun (_, n) -> n = 1)

    isOneASide
    && (if position = 0L then
            isBare s
        else
            (not guards || isGuarded s position)
            && (not (isGuarded s position) || isBackstopped s now position))

// ---- a careful desk under anything ----

[<Sealed; AllowNullLiteral>]
type private Mood(n: int64, guarded: int64) =
    member _.N = n
    /// 1 long, -1 short, 0 none.
    member _.Guarded = guarded

/// Quotes, icebergs, takes and exits at random, and a guard for whatever is held.
let private careful: IStrategy =
    let decide =
        Decide<Mood>(fun mood view event ->
            let position = view.Position id
            let sign = int64 (sign position.Raw)
            let said = ImmutableArray.CreateBuilder<Intent>()

            if sign <> mood.Guarded || event.Kind = EventKind.Operator then
                said.Add(Guard(slot Side.Sell 9, (if sign > 0L then px 96L else px 0L)))
                said.Add(Guard(slot Side.Buy 9, (if sign < 0L then px 104L else px 0L)))

            let isTurn = event.Kind = EventKind.Ticked || event.Kind = EventKind.SlotMoved

            if isTurn then
                let n = mood.N
                let side = if n % 2L = 0L then Side.Buy else Side.Sell
                let place = slot side (int (n % 3L))
                let price = if side = Side.Buy then 95L + n % 5L else 101L + n % 5L

                match n % 7L with
                | 0L
                | 1L
                | 2L ->
                    let terms =
                        { QuoteTerms.UntilPulled with
                            Display = sz (n % 3L)
                        }

                    said.Add(Quote(place, px price, sz (1L + n % 6L), terms))
                | 3L -> said.Add(Pull place)
                | 4L -> said.Add(Take(place, sz 2L, px (if side = Side.Buy then 105L else 95L), false))
                | _ ->
                    let out = exitSide position.Raw
                    said.Add(Take(slot out 5, position.Abs, px (if out = Side.Buy then 105L else 95L), true))

            struct (Mood((if isTurn then mood.N + 1L else mood.N), sign), said.ToImmutable()))

    Strategy.Make("careful", Mood(1L, 0L), decide)

let private desks: Desk[] =
    [|
        {
            Name = "careful"
            Instruments = ImmutableArray.Create<InstrumentId> id
            Strategy = careful
            Plan = { Hostile.plan with BackstopBps = 100 }
        }
    |]

let private start () =
    Hostile.beginWith Hostile.config desks true

let private always (holds: Stamped -> Output -> State -> bool) (all: Hostile.Happening list) =
    let mutable ok = true

    Hostile.drive (start ()) all (fun input output s -> ok <- ok && holds input output s)
    |> ignore<State>

    ok

/// The usual happenings, and now and then an operator.
let private happenings =
    Gen.frequency
        [
            30, Hostile.happening
            1,
            Gen.map
                Hostile.Order
                (Gen.elements
                    [
                        OperatorOrder.Pause
                        OperatorOrder.Resume
                        OperatorOrder.Flatten
                        OperatorOrder.Resume
                    ])
        ]
    |> Gen.listOf
    |> Gen.resize 150

/// Happenings with a kill somewhere.
let private killed =
    gen {
        let! before = happenings
        let! after = happenings
        return before, after
    }

let private places (o: Output) =
    if o.Commands.IsDefaultOrEmpty then
        []
    else
        [
            for c in o.Commands do
                match c with
                | Place a -> a.Order
                | _ -> ()
        ]

// ---- the scalper in random markets ----

let private btc =
    { instrument 0 with
        Name = "BTC"
        SzDecimals = 5
    }

/// Looks at every whole message of a run.
type private Looker() =
    let mutable isSoundSoFar = true
    let mutable exposures = 0L
    member _.IsSound = isSoundSoFar
    member _.Exposures = exposures

    interface IWatch with
        member _.Arrived _ = ()
        member _.Executed(_, _) = ()
        member _.Beat(_, _) = ()

        member _.Stepped(input, _, state) =
            if not (isPart input.Event) then
                let position = held state
                let touch = (state.Facts.Market id).Touch

                if position <> 0L then
                    exposures <- exposures + 1L

                isSoundSoFar <- isSoundSoFar && (let whole = touch.IsWhole in isSound whole input.At state)

let private scalps =
    gen {
        let! seed = Gen.choose64 (1L, 10_000L)
        let! jump = Gen.elements [ 1_500L; 5_000L; 30_000L ]
        let! clips = Gen.elements [ "1"; "4" ]
        let! equity = Gen.elements [ "10000"; "10000000" ]
        let! stop = Gen.elements [ "3"; "900" ]
        return seed, jump, clips, equity, stop
    }

let private scalped (seed, jump, clips, equity, stop) =
    let sets =
        [
            "signal.detector", "document"
            "exec.micro_clips", clips
            "account.equity_usd", equity
            "risk.stop_ticks", stop
            "risk.stop_outs", "0"
        ]

    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in sets -> struct (k, v) ]) with
    | Error problems -> failtestf "%s" problems[0].Sentence
    | Ok values ->
        let setup: RunSetup = { Values = values; Instrument = btc }

        let tape =
            Synthetic.make
                { Synthetic.usual btc seed with
                    Length = Duration.OfMs 240_000L
                    JumpEvery = Duration.OfMs jump
                    JumpTicks = 30
                }

        let looker = Looker()

        World(Backtest.world setup seed, Setup.desks setup, tape, looker).Run((fun () -> false), null)
        |> ignore<WorldResult>

        looker

let tests =
    testList
        "protection"
        [
            lawN 500 "stands at the exchange while a guard stands here, and not when flat" (fun () ->
                Prop.forAll
                    (Arb.fromGen happenings)
                    (always (fun input _ s -> isPart input.Event || isSound false input.At s)))
            lawN 300 "is of the size that is held, reduces, and lies beyond its guard" (fun () ->
                Prop.forAll
                    (Arb.fromGen happenings)
                    (always (fun _ output s ->
                        places output
                        |> List.filter (fun (o: NewOrder) -> o.IsStop)
                        |> List.forall (fun o ->
                            let position = held s

                            o.ReduceOnly
                            && o.Side = exitSide position
                            && o.Sz = Sz.Of(abs position)
                            && (if o.Side = Side.Sell then
                                    raw o.Trigger < 96L * lot && raw o.Px < raw o.Trigger
                                else
                                    raw o.Trigger > 104L * lot && raw o.Px > raw o.Trigger)))))
            testCase "does stand in most of these" (fun () ->
                let with' =
                    Gen.sampleWithSeed (Rnd 11UL) 50 200 happenings
                    |> Array.filter (fun all -> not (always (fun _ _ s -> (stops s).IsEmpty) all))

                Expect.isGreaterThan with'.Length 50 "a stop was sent")
            lawN 300 "outlives a kill until the position is gone, and nothing opens after it" (fun () ->
                Prop.forAll (Arb.fromGen killed) (fun (before, after) ->
                    let mutable isKilled = false
                    let mutable ok = true
                    let all = before @ [ Hostile.Order(OperatorOrder.Kill "test") ] @ after

                    Hostile.drive (start ()) all (fun input output s ->
                        isKilled <- isKilled || s.Facts.Health.IsHalted

                        if isKilled && not (isPart input.Event) then
                            ok <-
                                ok
                                && places output |> List.forall (fun o -> o.ReduceOnly)
                                && (held s <> 0L || isBare s)

                            // The stop of what is held is not taken away.
                            if not output.Commands.IsDefaultOrEmpty then
                                for c in output.Commands do
                                    match c with
                                    | Cancel(_, _, cloid) ->
                                        for o in stops s do
                                            let isOurs =
                                                o.New.Cloid = cloid
                                                && o.Slot.Side = exitSide (held s)
                                                && held s <> 0L
                                                && Order.exposure o = Sz.Of(abs (held s))

                                            ok <- ok && not isOurs
                                    | _ -> ())
                    |> ignore<State>

                    ok))
            lawN 8 "of the scalper is there at every moment of a run" (fun () ->
                Prop.forAll (Arb.fromGen scalps) (fun drawn ->
                    let looker = scalped drawn
                    looker.IsSound && looker.Exposures > 0L))
        ]
