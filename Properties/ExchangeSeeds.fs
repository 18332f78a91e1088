/// P1 to P7, P11 to P13 and P15 of the simulator's specification, over ten thousand seeds of 400 steps each.
module Vrlg.Properties.ExchangeSeeds

open System
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Draws
open Vrlg.Properties.Seeds

let private id = InstrumentId.Of 0

/// The book as the tape shows it, kept apart from the exchange: displayed size, printed since, taken by us since; by side
/// and price.
[<Sealed>]
type private Shadow() =
    member val Shown: int64[] = Array.zeroCreate 256
    member val Printed: int64[] = Array.zeroCreate 256
    member val Taken: int64[] = Array.zeroCreate 256
    member _.At(side: Side, px: int64) = int side * 128 + int px

/// What a run of one seed has added up.
[<Sealed>]
type private Tally() =
    member val Position = 0L with get, set
    member val Cash = 0L with get, set
    member val Broken: string = "" with get, set
    member val MakerLots = 0L with get, set

let private other side =
    if side = Side.Buy then Side.Sell else Side.Buy

let private fill (t: Tally) (shadow: Shadow) (act: Act) (orders: Act[]) (r: Report) =
    let lots, px = r.Sz / lot, r.Px / lot
    let n = let c = r.Cloid in c.N
    let order = orders[int n - 1]
    let signed = if r.Side = Side.Buy then lots else -lots

    // P6.
    let fair =
        if r.IsMaker then px = order.Px
        elif r.Side = Side.Buy then px <= order.Px
        else px >= order.Px

    if not fair then
        t.Broken <- "P6"

    // P11.
    if order.Reduce then
        let next = t.Position + signed

        if abs next >= abs t.Position || next * t.Position < 0L then
            t.Broken <- "P11"

    // P1: 1.5 and 4.5 basis points of whole units of value, which need no rounding.
    if r.Money <> lots * px * (if r.IsMaker then 15_000L else 45_000L) then
        t.Broken <- "P1, the fee"

    t.Position <- t.Position + signed
    t.Cash <- t.Cash - signed * px * lot - r.Money

    // P4: takers at the level, and what the depth record's own level gave to makers.
    if not r.IsMaker then
        let i = shadow.At(other r.Side, px)
        shadow.Taken[i] <- shadow.Taken[i] + lots
    else
        t.MakerLots <- t.MakerLots + lots

        if act.Kind = ActKind.Level then
            let i = shadow.At(act.Side, act.Px)
            shadow.Taken[i] <- shadow.Taken[i] + lots

    if
        shadow.Taken[shadow.At(other r.Side, (if r.IsMaker then act.Px else px))] > 0L
        && act.Kind <> ActKind.Print
    then
        let i = shadow.At(other r.Side, (if r.IsMaker then act.Px else px))

        if shadow.Taken[i] > shadow.Shown[i] - shadow.Printed[i] then
            t.Broken <- "P4"

/// P5: every queue within the level, right after a record of the level within what is left there; P1's fronts above zero.
let private queuesHold (e: ExchangeState) (shadow: Shadow) (act: Act) =
    let mutable ok = true

    for side in [| Side.Buy; Side.Sell |] do
        for struct (_, px, left, front) in e.Resting(id, side) do
            let i = shadow.At(side, px.Raw / lot)
            let isOf = act.Kind = ActKind.Level && act.Side = side && act.Px * lot = px.Raw
            let eff = shadow.Shown[i] - shadow.Printed[i]
            let limit = if isOf then eff else shadow.Shown[i]
            ok <- ok && left.Raw > 0L && front >= 0.0 && front <= float limit + 1e-9

    ok

let private watch (seed: int64) : string =
    let acts = wild seed
    let orders = acts |> Array.filter (fun a -> a.Kind = ActKind.New)
    let out = Reports()
    let shadow = Shadow()
    let t = Tally()
    let mutable e = Exchange.own (Exchange.create (config (modelOf seed)))
    let mutable n = 0L
    let mutable i = 0

    while t.Broken = "" && i < acts.Length do
        let act = acts[i]

        let place =
            shadow.At(
                (if act.Kind = ActKind.Print then
                     other act.Side
                 else
                     act.Side),
                act.Px
            )

        let before = shadow.Shown[place] - shadow.Printed[place]

        if act.Kind = ActKind.Level then
            shadow.Shown[place] <- act.Sz
            shadow.Printed[place] <- 0L
            shadow.Taken[place] <- 0L

        t.MakerLots <- 0L
        e <- tell e i &acts[i] &n out

        for k in 0 .. out.Count - 1 do
            let r = out.Report k

            if r.Kind = ReportKind.Filled then
                fill t shadow act orders r

        out.Clear()

        match act.Kind with
        | ActKind.Print ->
            if t.MakerLots > act.Sz then
                t.Broken <- "P2"

            shadow.Printed[place] <- min shadow.Shown[place] (shadow.Printed[place] + act.Sz)
        | ActKind.Level when t.MakerLots > max 0L (act.Sz - before) -> t.Broken <- "P3"
        | _ -> ()

        if t.Broken = "" && not (queuesHold e shadow act) then
            t.Broken <- "P5"

        i <- i + 1

    let held, cash = e.Position(AccountId.Of 0, id), e.Cash(AccountId.Of 0)

    if t.Broken = "" && (held.Raw <> t.Position * lot || cash.Raw <> t.Cash) then
        t.Broken <- "P1"

    t.Broken

/// Cumulative lots filled after every step.
let private filled queue (acts: Act[]) : int64[] =
    let out = Reports()
    let mutable e = Exchange.own (Exchange.create (config queue))
    let mutable n = 0L
    let mutable sum = 0L

    acts
    |> Array.mapi (fun i _ ->
        e <- tell e i &acts[i] &n out

        for k in 0 .. out.Count - 1 do
            let r = &out.Report k

            if r.Kind = ReportKind.Filled then
                sum <- sum + r.Sz / lot

        out.Clear()
        sum)

let private isBracketed (seed: int64) =
    let acts = calm seed
    let low = filled QueueModel.RiskAverse acts
    let high = filled QueueModel.FrontFirst acts
    let any = filled (modelOf seed) acts
    Array.forall2 (<=) low any && Array.forall2 (<=) any high

let private start queue =
    Exchange.own (Exchange.create (config queue))

let private mirrorAct (a: Act) =
    match a.Kind with
    | ActKind.Gone -> a
    | _ ->
        { a with
            Side = other a.Side
            Px = 200L - a.Px
        }

/// Lines without their price, which the mirror moves; the price is compared by itself.
let private prices (acts: Act[]) queue =
    let out = Reports()
    let mutable e = start queue
    let mutable n = 0L

    [|
        for i in 0 .. acts.Length - 1 do
            e <- tell e i &acts[i] &n out

            for k in 0 .. out.Count - 1 do
                let r = out.Report k
                let cloid = r.Cloid
                struct (i, cloid.N, r.Kind, r.Cumulative / lot, r.Sz / lot, r.Px / lot)

            out.Clear()
    |]

let private isMirrored (seed: int64) =
    let acts = wild seed
    let queue = modelOf seed
    let straight = prices acts queue
    let mirrored = prices (Array.map mirrorAct acts) queue

    straight.Length = mirrored.Length
    && Array.forall2
        (fun (struct (i, n, kind, c, sz, px)) (struct (i', n', kind', c', sz', px')) ->
            // A cancel that is refused names no price.
            i = i'
            && n = n'
            && kind = kind'
            && sz = sz'
            && c = c'
            && (px + px' = 200L || px + px' = 0L))
        // At one step the sides are told bids first, so lines of one step may stand in another order.
        (Array.sort straight)
        (mirrored |> Array.sort)

let private isScaled (seed: int64) =
    let acts = calm seed

    let doubled = acts |> Array.map (fun a -> { a with Sz = 2L * a.Sz })

    [ QueueModel.RiskAverse; QueueModel.FrontFirst ]
    |> List.forall (fun queue -> Array.forall2 (fun a b -> 2L * a = b) (filled queue acts) (filled queue doubled))

let private isSplit (seed: int64) =
    let acts = calm seed

    let split =
        acts
        |> Array.collect (fun a ->
            if a.Kind = ActKind.Print && a.Sz > 1L then
                [| { a with Sz = 1L }; { a with Sz = a.Sz - 1L } |]
            else
                [| a |])

    // Fronts are whole under these two models.
    [ QueueModel.RiskAverse; QueueModel.FrontFirst ]
    |> List.forall (fun queue -> Array.last (filled queue acts) = Array.last (filled queue split))

let private isResumed (seed: int64) =
    let acts = wild seed
    let queue = modelOf seed
    let cut = int (Seed.between (Seed.key seed "cut") 0L 0L (int64 steps - 1L))
    let struct (whole, _) = log (start queue) acts 0 0L
    let out = Reports()
    let mutable e = start queue
    let mutable n = 0L

    for i in 0 .. cut - 1 do
        e <- tell e i &acts[i] &n out
        out.Clear()

    // Kept, looked at again later, gone on with twice.
    let kept = Exchange.share e
    let struct (pure', _) = log kept acts cut n
    let struct (rest, _) = log (Exchange.own kept) acts cut n

    let tail =
        whole
        |> Seq.filter (fun l -> Int32.Parse(l.Substring(0, l.IndexOf ' ')) >= cut)
        |> Seq.toArray

    Seq.toArray rest = tail && Seq.toArray pure' = tail

let private holds name law =
    testCase name (fun () -> Expect.equal (firstFailure law) "" name)

let tests =
    testList
        "the exchange over seeds"
        [
            testCase
                "P1 to P6 and P11: sums, sizes of prints and records, displayed size taken once, queues, prices, reduce-only"
                (fun () ->
                    let found = firstFailure (fun seed -> watch seed = "")

                    let which =
                        if found = "" then
                            ""
                        else
                            watch (Int64.Parse(found.Substring 5))

                    Expect.equal (found + which) "" "no property breaks")
            holds "P7: no model fills less than the risk-averse one or more than front-first" isBracketed
            holds "P12: mirrored, the exchange says the mirror" isMirrored
            holds "P12: twice the sizes fill twice" isScaled
            holds "P13: a print in two parts fills the same" isSplit
            holds "P15: cut anywhere, kept and gone on with, it says the same" isResumed
        ]
