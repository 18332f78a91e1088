/// Books, prints and commands drawn from a seed, told to the exchange as plain numbers: the floor of the laws that look at ten
/// thousand seeds (simulation.md 17).
module Vrlg.Properties.Seeds

open System
open System.Collections.Immutable
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Draws

/// What happens in one step.
type ActKind =
    | Level = 0
    | Print = 1
    | New = 2
    | Gone = 3

/// One step, in whole units of price and size.
[<Struct>]
type Act =
    {
        Kind: ActKind
        Side: Side
        Px: int64
        Sz: int64
        Tif: Tif
        Reduce: bool
        /// Gone: the number of the order.
        Order: int64
    }

let steps = 400

/// Of a law over seeds: the documented campaign, ten thousand in the build's run.
let count = 10_000L

let private least = 94L
let private most = 106L

/// Draws of one seed, in order.
type Dice(seed: int64) =
    let key = Seed.key seed "acts"
    let mutable i = 0L

    member _.Between(lo: int64, hi: int64) =
        let n = Seed.between key i lo hi
        i <- i + 1L
        n

    member d.Side() =
        if d.Between(0L, 1L) = 0L then Side.Buy else Side.Sell

let private plain kind side px sz : Act =
    {
        Kind = kind
        Side = side
        Px = px
        Sz = sz
        Tif = Tif.Alo
        Reduce = false
        Order = 0L
    }

/// Anything: levels, prints, orders of every kind, cancels.
let wild (seed: int64) : Act[] =
    let d = Dice seed
    let mutable orders = 0L

    Array.init steps (fun _ ->
        match d.Between(0L, 14L) with
        | n when n < 6L -> plain ActKind.Level (d.Side()) (d.Between(least, most)) (d.Between(0L, 12L))
        | n when n < 10L -> plain ActKind.Print (d.Side()) (d.Between(least, most)) (d.Between(1L, 9L))
        | n when n < 14L || orders = 0L ->
            orders <- orders + 1L

            let tif =
                match d.Between(0L, 3L) with
                | 0L -> Tif.Gtc
                | 1L -> Tif.Ioc
                | _ -> Tif.Alo

            { plain ActKind.New (d.Side()) (d.Between(least, most)) (d.Between(1L, 7L)) with
                Tif = tif
                Reduce = d.Between(0L, 5L) = 0L
            }
        | _ ->
            { plain ActKind.Gone Side.Buy 0L 0L with
                Order = d.Between(max 1L (orders - 6L), orders)
            })

/// At most one order of ours a side, post-only, bids below and asks above 100: no command reaches an order of the other side.
/// Books and prints stay on their own sides of 100 too, so that what is accepted does not hang on what was filled.
let calm (seed: int64) : Act[] =
    let d = Dice seed
    let mutable orders = 0L
    let live: int64[] = [| 0L; 0L |]

    let price side =
        if side = Side.Buy then
            d.Between(95L, 99L)
        else
            d.Between(101L, 105L)

    Array.init steps (fun _ ->
        match d.Between(0L, 11L) with
        | n when n < 6L -> let side = d.Side() in plain ActKind.Level side (price side) (d.Between(0L, 12L))
        | n when n < 10L ->
            // A seller prints among the bids.
            let hit = d.Side()
            let aggressor = if hit = Side.Buy then Side.Sell else Side.Buy
            plain ActKind.Print aggressor (price hit) (d.Between(1L, 9L))
        | _ ->
            let side = d.Side()

            if live[int side] = 0L then
                orders <- orders + 1L
                live[int side] <- orders
                plain ActKind.New side (price side) (d.Between(1L, 7L))
            else
                let gone = live[int side]
                live[int side] <- 0L

                { plain ActKind.Gone side 0L 0L with
                    Order = gone
                })

let config queue : ExchangeConfig =
    {
        Instruments = ImmutableArray.Create<Instrument>(instrument 0)
        Accounts = 1
        Fees =
            {
                Maker = Rate.Of 1_500_000L
                Taker = Rate.Of 4_500_000L
            }
        Queue = queue
        CheckRules = false
        Rules = MatchRules.Default
    }

let models =
    [|
        QueueModel.RiskAverse
        QueueModel.FrontFirst
        QueueModel.Uniform
        QueueModel.PowerA 3
        QueueModel.PowerB 2
        QueueModel.PowerC 3
        QueueModel.LogA
        QueueModel.LogB
    |]

let modelOf (seed: int64) =
    models[int (seed % int64 models.Length)]

/// Tells one act to the exchange; numbers of orders count up from 1.
let tellAt (e: ExchangeState) (now: Instant) (act: inref<Act>) (number: byref<int64>) (out: Reports) : ExchangeState =
    match act.Kind with
    | ActKind.Level -> Exchange.level e now 0 act.Side (act.Px * lot) (act.Sz * lot) out
    | ActKind.Print -> Exchange.print e now 0 act.Side (act.Px * lot) (act.Sz * lot) out
    | ActKind.New ->
        number <- number + 1L

        let order: ExchangeOrder =
            {
                Account = 0
                Instrument = 0
                Cloid = { Run = 1L; N = number }
                Side = act.Side
                Tif = act.Tif
                ReduceOnly = act.Reduce
                Expires = 0L
                Px = act.Px * lot
                Sz = act.Sz * lot
            }

        Exchange.placeOrder e now &order out
    | _ -> Exchange.cancel e now (AccountId.Of 0) (InstrumentId.Of 0) { Run = 1L; N = act.Order } out

/// The same at the instant of a step.
let tell (e: ExchangeState) (t: int) (act: inref<Act>) (number: byref<int64>) (out: Reports) : ExchangeState =
    tellAt e (at (int64 t)) &act &number out

/// What was filled, as one number a fill: order, price, size, role; everything said, as kinds; at
/// the end what is held and the cash.
let log (start: ExchangeState) (acts: Act[]) (from: int) (number: int64) : struct (ResizeArray<string> * int64) =
    let out = Reports()
    let lines = ResizeArray<string>()
    let mutable e = start
    let mutable n = number

    for i in from .. acts.Length - 1 do
        e <- tell e i &acts[i] &n out

        for k in 0 .. out.Count - 1 do
            let r = &out.Report k
            let cloid = r.Cloid
            lines.Add $"{i} {cloid.N} {r.Kind} {r.Px / lot} {r.Sz / lot} {r.Cumulative / lot} {r.IsMaker} {r.Word}"

        out.Clear()

    let account = AccountId.Of 0
    let held, cash = e.Position(account, InstrumentId.Of 0), e.Cash account
    lines.Add $"{acts.Length} holds {held.Raw} and {cash.Raw}"
    struct (lines, n)

/// The first seed for which something does not hold, or nothing. Every failure names its seed.
let firstFailure (holds: int64 -> bool) : string =
    let failed = ref Int64.MaxValue

    Threading.Tasks.Parallel.For(
        1L,
        count + 1L,
        fun seed ->
            if Threading.Volatile.Read(&failed.contents) > seed && not (holds seed) then
                lock failed (fun () -> failed.Value <- min failed.Value seed)
    )
    |> ignore<Threading.Tasks.ParallelLoopResult>

    if failed.Value = Int64.MaxValue then
        ""
    else
        $"seed {failed.Value}"
