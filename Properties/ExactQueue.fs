/// P8 of the simulator's specification, over ten thousand seeds: the queue that is known order by order against the ends of the
/// interval that sums allow.
module Vrlg.Properties.ExactQueue

open System
open System.Buffers.Binary
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Draws
open Vrlg.Properties.Seeds

/// What happens to an order of others.
[<Struct; NoComparison; NoEquality>]
type private Happening =
    {
        Order: uint64
        Side: Side
        Px: int64
        Size: int64
        Kind: byte
    }

/// An order of others; `Joined` is the step at which it stood at the back of its level.
[<NoComparison>]
type private Other =
    {
        Id: uint64
        Of: Side
        mutable At: int64
        mutable Left: int64
        mutable Joined: int
    }

let private added, removed, changed, filled = 10uy, 11uy, 12uy, 13uy

/// The others' orders in the order of their queues, oldest first.
let private play (others: ResizeArray<Other>) (step: int) (h: Happening) =
    if h.Kind = added then
        others.Add
            {
                Id = h.Order
                Of = h.Side
                At = h.Px
                Left = h.Size
                Joined = step
            }

    let o = others |> Seq.find (fun o -> o.Id = h.Order)

    if h.Kind = added then
        ()
    elif h.Kind = removed || (h.Kind = filled && h.Size = o.Left) then
        others.Remove o |> ignore<bool>
    elif h.Kind = filled then
        o.Left <- o.Left - h.Size
    elif h.Px = o.At && h.Size <= o.Left then
        o.Left <- h.Size
    else
        others.Remove o |> ignore<bool>
        o.At <- h.Px
        o.Left <- h.Size
        o.Joined <- step
        others.Add o

let private price (d: Dice) side =
    if side = Side.Buy then
        d.Between(95L, 99L)
    else
        d.Between(101L, 105L)

let private ofOrder (o: Other) kind px size : Happening =
    {
        Order = o.Id
        Side = o.Of
        Px = px
        Size = size
        Kind = kind
    }

/// One event of others: first in, first filled.
let private draw (d: Dice) (others: ResizeArray<Other>) (newest: uint64) (grows: bool) : Happening =
    let joins () =
        let side = d.Side()

        {
            Order = newest
            Side = side
            Px = price d side
            Size = d.Between(1L, 6L)
            Kind = added
        }

    if others.Count = 0 then
        joins ()
    else
        let o = others[int (d.Between(0L, int64 others.Count - 1L))]

        match d.Between(0L, 19L) with
        | n when n < 7L && others.Count < 30 -> joins ()
        | n when n < 10L -> ofOrder o removed o.At 0L
        | n when n < 12L -> ofOrder o changed o.At (d.Between(1L, o.Left))
        | 12L when grows -> ofOrder o changed o.At (o.Left + d.Between(1L, 4L))
        | 13L ->
            let px = price d o.Of
            ofOrder o changed px (d.Between(1L, (if px = o.At then o.Left else 6L)))
        | _ ->
            let first = others |> Seq.find (fun f -> f.Of = o.Of && f.At = o.At)
            ofOrder first filled first.At (d.Between(1L, first.Left))

let private write (row: Span<byte>) (step: int) (h: Happening) =
    BinaryPrimitives.WriteInt64LittleEndian(row, int64 step)
    BinaryPrimitives.WriteUInt64LittleEndian(row.Slice 16, h.Order)
    BinaryPrimitives.WriteInt32LittleEndian(row.Slice 24, int h.Px)
    row[28] <- h.Kind
    row[29] <- byte h.Side
    BinaryPrimitives.WriteInt64LittleEndian(row.Slice 32, h.Size)

/// Others' events, one a step, and the file that tells them.
let private feed (seed: int64) (grows: bool) : struct (Happening[] * NeutralTape) =
    let d = Dice seed
    let others = ResizeArray<Other>()
    let bytes: byte[] = Array.zeroCreate (40 * steps)

    let all =
        Array.init steps (fun step ->
            let h = draw d others (uint64 step + 1UL) grows
            play others step h
            write (Span(bytes, 40 * step, 40)) step h
            h)

    match OrderFeed.read (ReadOnlySpan bytes) (InstrumentId.Of 0) with
    | Ok tape -> struct (all, tape)
    | Error sentence -> failtest sentence

/// Our commands, after the event of their step: at most one order a side, post-only, at prices of its own side.
let private commands (seed: int64) : Act voption[] =
    let d = Dice(seed + 1_000_000L)
    let live: int64[] = [| 0L; 0L |]
    let mutable orders = 0L

    Array.init steps (fun _ ->
        if d.Between(0L, 5L) > 0L then
            ValueNone
        else
            let side = d.Side()

            let plain: Act =
                {
                    Kind = ActKind.New
                    Side = side
                    Px = price d side
                    Sz = d.Between(1L, 7L)
                    Tif = Tif.Alo
                    Reduce = false
                    Order = 0L
                }

            if live[int side] = 0L then
                orders <- orders + 1L
                live[int side] <- orders
                ValueSome plain
            elif d.Between(0L, 2L) = 0L then
                let gone = live[int side]
                live[int side] <- 0L

                ValueSome
                    { plain with
                        Kind = ActKind.Gone
                        Order = gone
                    }
            else
                ValueNone)

/// The exchange over the feed, step by step; `seen` looks at it after the others' event of each, before our command.
[<Sealed>]
type private Run(seed: int64, queue: QueueModel, tape: NeutralTape) =
    let acts = commands seed
    let out = Reports()
    let mutable e = Exchange.own (Exchange.create (config queue))
    let mutable next = 0
    let mutable number = 0L
    let mutable lots = 0L

    let count () =
        for k in 0 .. out.Count - 1 do
            let r = &out.Report k

            if r.Kind = ReportKind.Filled then
                lots <- lots + r.Sz / lot

        out.Clear()

    /// The step at which each of our orders joined.
    member val Joined = ResizeArray<int>()
    member _.Exchange = e
    member _.Share() = e <- Exchange.own (Exchange.share e)

    member _.Others(step: int) =
        while next < tape.Count && tape.Row(next).VenueAt = int64 step do
            let row = &tape.Row next
            let move = tape.Move next
            let px, sz, now = int64 row.Ticks * lot, row.Size * lot, at (int64 step)
            e <- Exchange.moved e 0 &move

            e <-
                match row.Kind with
                | 1uy -> Exchange.level e now 0 Side.Buy px sz out
                | 2uy -> Exchange.level e now 0 Side.Sell px sz out
                | 3uy -> Exchange.print e now 0 Side.Buy px sz out
                | _ -> Exchange.print e now 0 Side.Sell px sz out

            next <- next + 1

        count ()

    member r.Ours(step: int) =
        match acts[step] with
        | ValueSome act ->
            if act.Kind = ActKind.New then
                r.Joined.Add step

            e <- tell e step &act &number out
            count ()
        | ValueNone -> ()

    /// Filled so far.
    member _.Lots = lots

let private filledBy (seed: int64) queue tape : int64[] =
    let run = Run(seed, queue, tape)

    Array.init steps (fun step ->
        run.Others step
        run.Ours step
        run.Lots)

let private noEarlier (seed: int64) =
    let struct (_, tape) = feed seed true
    Array.forall2 (<=) (filledBy seed QueueModel.RiskAverse tape) (filledBy seed QueueModel.ExactL3 tape)

/// Without orders that grow: such an event is a cancel and an addition in one record, which no sum shows.
let private noLater (seed: int64) =
    let struct (_, tape) = feed seed false
    Array.forall2 (<=) (filledBy seed QueueModel.ExactL3 tape) (filledBy seed QueueModel.FrontFirst tape)

/// Each order of ours: what is ahead is what stands at its price and joined before it.
let private isTheSum (seed: int64) =
    let struct (all, tape) = feed seed true
    let run = Run(seed, QueueModel.ExactL3, tape)
    let others = ResizeArray<Other>()

    let ahead side px (n: int64) =
        others
        |> Seq.filter (fun o -> o.Of = side && o.At * lot = px && o.Joined <= run.Joined[int n - 1])
        |> Seq.sumBy _.Left

    let holds () =
        [ Side.Buy; Side.Sell ]
        |> List.forall (fun side ->
            run.Exchange.Resting(InstrumentId.Of 0, side)
            |> Seq.forall (fun (struct (cloid, px: Px, _, front)) -> front = float (ahead side px.Raw cloid.N)))

    seq { 0 .. steps - 1 }
    |> Seq.forall (fun step ->
        run.Others step
        play others step all[step]
        let before = holds ()
        run.Ours step

        // Kept and gone on with now and then: the queue's numbers are part of the state.
        if step % 50 = 49 then
            run.Share()

        before && holds ())

let private holds name law =
    testCase name (fun () -> Expect.equal (firstFailure law) "" name)

let tests =
    testList
        "the exact queue over seeds"
        [
            holds "P8: the risk-averse queue never fills earlier than the exact one" noEarlier
            holds "P8: front-first never fills later, each event with its own record" noLater
            holds "what is ahead is the sum of what joined earlier" isTheSum
            testCase "the three do differ" (fun () ->
                let sums queue =
                    Seq.sum (
                        seq {
                            for seed in 1L .. 50L do
                                let struct (_, tape) = feed seed false
                                Array.last (filledBy seed queue tape)
                        }
                    )

                let exact = sums QueueModel.ExactL3
                Expect.isGreaterThan exact (sums QueueModel.RiskAverse) "more than the one"
                Expect.isLessThan exact (sums QueueModel.FrontFirst) "less than the other")
        ]
