module Vrlg.Properties.Exchange

open System
open System.Collections.Immutable
open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

/// What reaches the exchange.
type Step =
    | Level of side: Side * price: int64 * size: int64
    | Print of side: Side * price: int64 * size: int64
    | New of side: Side * price: int64 * size: int64 * tif: Tif * reduce: bool
    | Gone of order: int64

let private id = InstrumentId.Of 0

let private step =
    let price = Gen.choose64 (94L, 106L)

    Gen.frequency
        [
            6, Gen.map3 (fun s p n -> Level(s, p, n)) side price (Gen.choose64 (0L, 12L))
            4, Gen.map3 (fun s p n -> Print(s, p, n)) side price (Gen.choose64 (1L, 9L))
            4,
            gen {
                let! s = side
                let! p = price
                let! n = Gen.choose64 (1L, 7L)
                let! tif = Gen.elements [ Tif.Alo; Tif.Alo; Tif.Gtc; Tif.Ioc ]
                let! reduce = Gen.frequency [ 5, Gen.constant false; 1, Gen.constant true ]
                return New(s, p, n, tif, reduce)
            }
            1, Gen.map Gone (Gen.choose64 (1L, 20L))
        ]

let private steps: Arbitrary<Step list> =
    Arb.fromGen (Gen.resize 150 (Gen.listOf step))

let private models =
    [
        QueueModel.RiskAverse
        QueueModel.FrontFirst
        QueueModel.Uniform
        QueueModel.PowerA 3
        QueueModel.PowerC 3
    ]

let private drawn = Arb.fromGen (Gen.zip (Gen.elements models) steps.Generator)

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
        CheckRules = true
        Rules = MatchRules.Default
    }

let private account = AccountId.Of 0

/// Tells all steps; `look` gets each with its reports and the exchange before and after.
let private tell
    queue
    (own: bool)
    (all: Step list)
    (look: Step -> Event list -> ExchangeState -> ExchangeState -> unit)
    =
    let c = config queue
    let reports = Reports()
    let mutable e = Exchange.create c

    if own then
        e <- Exchange.own e

    let mutable n = 0L

    for i, s in List.indexed all do
        let now = at (int64 i)
        let before = e

        match s with
        | Level(side, price, size) ->
            let event = Event.LevelMoved(id, side, px price, sz size, now)
            e <- Exchange.market e now &event reports
        | Print(side, price, size) ->
            let event = Event.Traded(id, side, px price, sz size, 0L, now)
            e <- Exchange.market e now &event reports
        | New(side, price, size, tif, reduce) ->
            n <- n + 1L

            let order =
                { newOrder n side price size with
                    Tif = tif
                    ReduceOnly = reduce
                }

            e <- Exchange.place e now order reports
        | Gone order -> e <- Exchange.cancel e now account id { Run = 1L; N = order } reports

        let said = [ for k in 0 .. reports.Count - 1 -> reports[k] ]
        reports.Clear()
        look s said before e

    e

let private fillsOf (said: Event list) =
    said
    |> List.choose (fun e ->
        match e.Rare with
        | ValueSome(RareEvent.Filled f) -> Some f
        | _ -> None)

let private lots (f: Fill) = let q = f.Sz in q.Raw / lot

let private always queue all (holds: Step -> Event list -> ExchangeState -> ExchangeState -> bool) =
    let mutable ok = true

    tell queue false all (fun s said before after -> ok <- ok && holds s said before after)
    |> ignore<ExchangeState>

    ok

/// Everything said, in words that leave the sides open.
let private log queue all =
    let lines = ResizeArray<string>()

    tell queue true all (fun _ said _ _ ->
        for e in said do
            match e.Rare with
            | ValueSome(RareEvent.Filled f) ->
                lines.Add $"{f.Cloid.N} fill {f.Sz} at {f.Px} {f.IsMaker} {f.Cumulative}"
            | ValueSome(RareEvent.Replied r) -> lines.Add $"{r.Cloid.N} {Answers.text r.Answer}"
            | _ -> ())
    |> ignore<ExchangeState>

    List.ofSeq lines

let private mirrorStep (s: Step) =
    let other side =
        if side = Side.Buy then Side.Sell else Side.Buy

    match s with
    | Level(side, p, n) -> Level(other side, 200L - p, n)
    | Print(side, p, n) -> Print(other side, 200L - p, n)
    | New(side, p, n, tif, reduce) -> New(other side, 200L - p, n, tif, reduce)
    | Gone o -> Gone o

let private mirrorLine (line: string) =
    match line.Split " at " with
    | [| head; tail |] ->
        let cut = tail.IndexOf ' '

        let price =
            200L
            - Int64.Parse(tail.Substring(0, cut), Globalization.CultureInfo.InvariantCulture)

        $"{head} at {price}{tail.Substring cut}"
    | _ -> line

let private check (model: QueueModel) f b d expected =
    let front = Queue.shrink model f (f + b) (f + b - d)
    Expect.floatClose { absolute = 5e-7; relative = 0.0 } front expected (Queue.name model)

let tests =
    testList
        "the exchange"
        [
            lawN 400 "fills no more from one print than it printed" (fun () ->
                Prop.forAll drawn (fun (queue, all) ->
                    always queue all (fun s said _ _ ->
                        match s with
                        | Print(_, _, size) -> List.sumBy lots (fillsOf said) <= size
                        | _ -> true)))
            lawN 400 "fills no more from one depth record than the level grew" (fun () ->
                Prop.forAll drawn (fun (queue, all) ->
                    always queue all (fun s said before _ ->
                        match s with
                        | Level(side, price, size) ->
                            let shown = before.Displayed(id, side, px price)
                            List.sumBy lots (fillsOf said) <= max 0L (size - shown.Raw / lot)
                        | _ -> true)))
            lawN 400 "pays makers their own price and takers no worse than their limit" (fun () ->
                Prop.forAll drawn (fun (queue, all) ->
                    let orders =
                        all
                        |> List.choose (fun s ->
                            match s with
                            | New(side, p, _, _, _) -> Some(side, p)
                            | _ -> None)
                        |> List.toArray

                    always queue all (fun _ said _ _ ->
                        fillsOf said
                        |> List.forall (fun f ->
                            let side, limit = orders[int f.Cloid.N - 1]
                            let paid = let p = f.Px in p.Raw / lot

                            if f.IsMaker then paid = limit
                            elif side = Side.Buy then paid <= limit
                            else paid >= limit))))
            lawN
                400
                "keeps every queue within the level right after its record, and every resting order above zero"
                (fun () ->
                    Prop.forAll drawn (fun (queue, all) ->
                        always queue all (fun s _ _ after ->
                            let isAt side (price: Px) =
                                match s with
                                | Level(set, p, _) -> set = side && price.Raw = p * lot
                                | _ -> false

                            [ Side.Buy; Side.Sell ]
                            |> List.forall (fun side ->
                                after.Resting(id, side)
                                |> Seq.forall (fun (struct (_, price, left, front)) ->
                                    let shown = after.Displayed(id, side, price)
                                    let fits = front <= float shown.Raw / float lot + 1e-9
                                    left.Raw > 0L && front >= 0.0 && (fits || not (isAt side price)))))))
            lawN 400 "never lets a reduce-only order raise or turn the position" (fun () ->
                Prop.forAll drawn (fun (queue, all) ->
                    let reduces =
                        all
                        |> List.choose (fun s ->
                            match s with
                            | New(_, _, _, _, r) -> Some r
                            | _ -> None)
                        |> List.toArray

                    let mutable position = 0L
                    let mutable ok = true

                    tell queue false all (fun _ said _ _ ->
                        for f in fillsOf said do
                            let signed = if f.Side = Side.Buy then lots f else -(lots f)

                            if reduces[int f.Cloid.N - 1] then
                                ok <-
                                    ok
                                    && abs (position + signed) < abs position
                                    && position * (position + signed) >= 0L

                            position <- position + signed)
                    |> ignore<ExchangeState>

                    ok))
            lawN 300 "holds the position that its fills add up to" (fun () ->
                Prop.forAll drawn (fun (queue, all) ->
                    let mutable sum = 0L

                    let last =
                        tell queue true all (fun _ said _ _ ->
                            sum <-
                                sum
                                + (fillsOf said
                                   |> List.sumBy (fun f -> if f.Side = Side.Buy then lots f else -(lots f))))

                    let held = last.Position(account, id)
                    held.Raw = sum * lot))
            lawN 300 "mirrored says the mirror" (fun () ->
                Prop.forAll drawn (fun (queue, all) ->
                    log queue (List.map mirrorStep all) = List.map mirrorLine (log queue all)))
            lawN 300 "owned says what the pure fold says" (fun () ->
                Prop.forAll drawn (fun (queue, all) ->
                    let say own =
                        let lines = ResizeArray<string>()

                        tell queue own all (fun _ said _ _ ->
                            for e in said do
                                lines.Add(string e.Kind))
                        |> ignore<ExchangeState>

                        List.ofSeq lines

                    say true = say false))
            testCase "queue models meet the table of check values" (fun () ->
                check QueueModel.RiskAverse 12.0 8.0 5.0 12.0
                check QueueModel.FrontFirst 12.0 8.0 5.0 7.0
                check QueueModel.Uniform 12.0 8.0 5.0 9.0
                check (QueueModel.PowerA 1) 12.0 8.0 5.0 9.0
                check (QueueModel.PowerB 1) 12.0 8.0 5.0 9.0
                check (QueueModel.PowerC 1) 12.0 8.0 5.0 9.0
                check (QueueModel.PowerA 2) 12.0 8.0 5.0 8.538462
                check (QueueModel.PowerA 3) 12.0 8.0 5.0 8.142857
                check (QueueModel.PowerB 2) 12.0 8.0 5.0 7.8
                check (QueueModel.PowerB 3) 12.0 8.0 5.0 7.32
                check (QueueModel.PowerC 2) 12.0 8.0 5.0 10.2
                check (QueueModel.PowerC 3) 12.0 8.0 5.0 10.92
                check QueueModel.LogA 12.0 8.0 5.0 9.306955
                check QueueModel.LogB 12.0 8.0 5.0 10.608488)
        ]
