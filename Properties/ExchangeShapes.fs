/// P10, P12, P14 and P16 of the simulator's specification over ten thousand seeds each: when things happen, how large they are,
/// what is repeated, and what the money says.
module Vrlg.Properties.ExchangeShapes

open System
open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Draws
open Vrlg.Properties.Seeds

let private id = InstrumentId.Of 0

let private start queue =
    Exchange.own (Exchange.create (config queue))

// ---- P10 ----

/// When an order of 4 lots at 100 that arrives before step `arrival` is filled whole; the end of time when it is not. Nobody
/// cancels at its level: others join, prints wear it down, some go through.
let private completed (seed: int64) (arrival: int) : int =
    let d = Dice seed
    let out = Reports()
    let mutable e = start (modelOf seed)
    let mutable shown = 10L
    let mutable ended = Int32.MaxValue

    let level t side px lots =
        e <- Exchange.level e (at (int64 t)) 0 side (px * lot) (lots * lot) out

    level 0 Side.Buy 100L shown
    level 0 Side.Sell 101L 10L

    for t in 0..59 do
        if t = arrival then
            e <- Exchange.place e (at (int64 t)) (newOrder 1L Side.Buy 100L 4L) out

        match d.Between(0L, 7L) with
        | n when n < 3L ->
            shown <- shown + d.Between(1L, 9L)
            level t Side.Buy 100L shown
        | n when n < 7L ->
            let size = d.Between(1L, 9L)
            e <- Exchange.print e (at (int64 t)) 0 Side.Sell (100L * lot) (size * lot) out
            shown <- max 0L (shown - size)
            level t Side.Buy 100L shown
        | _ -> e <- Exchange.print e (at (int64 t)) 0 Side.Sell (99L * lot) (d.Between(1L, 3L) * lot) out

        for i in 0 .. out.Count - 1 do
            let r = out.Report i

            if r.Kind = ReportKind.Filled && r.Cumulative >= 4L * lot then
                ended <- min ended t

        out.Clear()

    ended

let private isPatient (seed: int64) =
    let d = Dice(seed + 1_000_000L)
    let a, b = int (d.Between(0L, 40L)), int (d.Between(0L, 40L))
    completed seed (min a b) <= completed seed (max a b)

// ---- P12 ----

let private shifted (seed: int64) (by: int64) =
    let acts = wild seed
    let out = Reports()
    let mutable e = start (modelOf seed)
    let mutable n = 0L

    [|
        for i in 0 .. acts.Length - 1 do
            let now = at (int64 i)
            e <- tellAt e (Instant.Of(now.Ns + by)) &acts[i] &n out

            for k in 0 .. out.Count - 1 do
                let r = out.Report k
                let said, cloid = r.At, r.Cloid
                struct (said.Ns - by, cloid.N, r.Kind, r.Px, r.Sz, r.Cumulative, r.Money)

            out.Clear()
    |]

let private isTimeless (seed: int64) =
    let by = Dice(seed).Between(1L, 1_000_000_000_000_000L)
    shifted seed by = shifted seed 0L

let private fronts (e: ExchangeState) : float[] =
    [|
        for side in [| Side.Buy; Side.Sell |] do
            for struct (_, _, _, front) in e.Resting(id, side) do
                front
    |]

let private hasFills (out: Reports) =
    Seq.init out.Count (fun i -> let r = out.Report i in r.Kind = ReportKind.Filled)
    |> Seq.contains true

/// Twice the sizes double every front, until the first fill while some front was fractional: there whole lots round.
let private doubles (seed: int64) (queue: QueueModel) =
    let acts = calm seed
    let twice = acts |> Array.map (fun a -> { a with Sz = 2L * a.Sz })
    let out, out' = Reports(), Reports()
    let mutable e, e' = start queue, start queue
    let mutable n, n' = 0L, 0L
    let mutable ok = true
    let mutable isOver = false
    let mutable i = 0

    while ok && not isOver && i < acts.Length do
        let isFractional = fronts e |> Array.exists (fun f -> f <> floor f)
        e <- tell e i &acts[i] &n out
        e' <- tell e' i &twice[i] &n' out'
        isOver <- isFractional && hasFills out
        ok <- isOver || Array.map ((*) 2.0) (fronts e) = fronts e'
        out.Clear()
        out'.Clear()
        i <- i + 1

    ok

let private isScaled (seed: int64) =
    [
        QueueModel.Uniform
        QueueModel.PowerA 3
        QueueModel.PowerB 2
        QueueModel.PowerC 3
    ]
    |> List.forall (doubles seed)

// ---- P14 ----

/// A record that repeats what is there changes no queue within it: anywhere in a run of anything.
let private isIdle (seed: int64) =
    let acts = wild seed
    let cut = int (Seed.between (Seed.key seed "cut") 0L 0L (int64 steps - 1L))
    let out = Reports()
    let mutable e = start (modelOf seed)
    let mutable n = 0L

    for i in 0..cut do
        e <- tell e i &acts[i] &n out

    let kept = Exchange.share e
    let now = at (int64 steps)

    [ Side.Buy; Side.Sell ]
    |> List.forall (fun side ->
        kept.Resting(id, side)
        |> Seq.forall (fun (struct (_, px, _, _)) ->
            let shown = kept.Displayed(id, side, px)
            let lots = float shown.Raw / float lot
            out.Clear()
            let next = Exchange.level kept now 0 side px.Raw shown.Raw out

            let queues (e: ExchangeState) =
                [ for struct (_, at, _, front) in e.Resting(id, side) -> at.Raw, front ]

            // An order whose front is above what is there may only come down to it.
            out.Count = 0
            && List.forall2
                (fun (_, was) (at, now) -> now = was || (at = px.Raw && was > lots && now <= was))
                (queues kept)
                (queues next)))

// ---- P16 ----

let private capital = Usd.Of(1_000L * lot)

/// Fills and mids of a run of anything; the last instant too.
let private money (seed: int64) =
    let acts = wild seed
    let out = Reports()
    let fills = ImmutableArray.CreateBuilder<FillRow>()
    let points = ResizeArray<struct (int64 * float)>()
    let mutable e = start (modelOf seed)
    let mutable n = 0L

    for i in 0 .. acts.Length - 1 do
        e <- tell e i &acts[i] &n out

        for k in 0 .. out.Count - 1 do
            let r = out.Report k

            if r.Kind = ReportKind.Filled then
                fills.Add
                    {
                        At = r.At
                        Order = r.Cloid
                        Side = r.Side
                        Px = Px.Of r.Px
                        Sz = Sz.Of r.Sz
                        Fee = Usd.Of r.Money
                        IsMaker = r.IsMaker
                        Reason = ""
                        DecidedMidTwice = 0L
                        DecidedTouch = Px.Of 0L
                        IsUncertain = false
                    }

        out.Clear()
        let touch, now = e.Touch id, at (int64 i)

        if touch.IsWhole then
            points.Add(struct (now.Ns, float touch.MidTwice / 2e8))

    let last = at (int64 acts.Length)
    fills.ToImmutable(), MidPath.ofMids points ImmutableArray.Empty last.Ns, last.Ns

/// What was gained is the edge of every fill at the mid of its instant, and the moves of the position, less fees.
let private isExplained (seed: int64) =
    let fills, mids, last = money seed
    let mutable position = 0.0
    let mutable gained = 0.0
    let mutable mark = mids.MarkAt 0L

    for f in fills do
        let time, px, sz, fee = f.At, f.Px, f.Sz, f.Fee
        let now = mids.MarkAt time.Ns
        let signed = (if f.Side = Side.Buy then 1.0 else -1.0) * float sz.Raw / 1e8

        gained <-
            gained + position * (now - mark) + signed * (now - float px.Raw / 1e8)
            - float fee.Raw / 1e8

        position <- position + signed
        mark <- now

    let gained = gained + position * (mids.MarkAt last - mark)
    let walked = EquityWalk(capital, fills, ImmutableArray.Empty, mids).To last
    abs (walked - 1_000.0 - gained) < 1e-6

let private holds name law =
    testCase name (fun () -> Expect.equal (firstFailure law) "" name)

let tests =
    testList
        "the exchange's shapes over seeds"
        [
            holds "P10: where nobody cancels, who arrives later never completes earlier" isPatient
            holds "P12: later by any time, it says the same, so much later" isTimeless
            holds "P12: twice the sizes double every front, until a fractional one fills" isScaled
            holds "P14: a record that repeats what is there changes no queue within it" isIdle
            holds "P16: what was gained is edges and moves, less fees" isExplained
        ]
