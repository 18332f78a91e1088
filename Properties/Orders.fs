module Vrlg.Properties.Orders

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private run (events: OrderEvent list) : (Order * OrderVerdict) list =
    let step (o, _) event =
        let struct (next, verdict) = Order.apply event o
        next, verdict

    List.scan step (order 1L 10L, OrderVerdict.Fine) events

let private isFault verdict =
    match verdict with
    | OrderVerdict.Fault _ -> true
    | _ -> false

let tests =
    testList
        "an order"
        [
            law "never has more left than its size, nor less than nothing" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    run events
                    |> List.forall (fun (o, _) ->
                        let left = Order.exposure o
                        left.Raw >= 0L && left.Raw <= o.New.Sz.Raw)))
            law "that fills beyond its size says so" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    let steps = run events

                    List.pairwise steps
                    |> List.forall (fun ((was, _), (now, verdict)) ->
                        now.Filled.Raw <= now.New.Sz.Raw
                        || was.Filled.Raw > was.New.Sz.Raw
                        || isFault verdict)))
            law "once closed never works again, but when the venue shows that it lives" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    let steps = run events |> List.map fst |> List.pairwise

                    List.zip steps events
                    |> List.forall (fun ((was, now), event) ->
                        let isShown =
                            match was.Phase, event with
                            | _, OrderEvent.Listed -> true
                            | Phase.Closed Ending.NeverArrived, (OrderEvent.Accepted _ | OrderEvent.Filled _) -> true
                            | _ -> false

                        not (Order.isClosed was) || Order.isClosed now || isShown)))
            law "counts the fills it was shown, each one" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    let shown =
                        events
                        |> List.sumBy (fun e ->
                            match e with
                            | OrderEvent.Filled size -> size.Raw
                            | _ -> 0L)

                    let last, _ = List.last (run events)
                    last.Filled.Raw = shown))
            law "in doubt counts its whole rest as if it could fill" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    run events
                    |> List.forall (fun (o, _) ->
                        match o.Phase with
                        | Phase.InDoubt ->
                            let left = Order.exposure o
                            left.Raw = max 0L (o.New.Sz.Raw - o.Filled.Raw)
                        | _ -> true)))
            law "told to have ended stays exposed until its fills are stated and here" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    let isStated filled event =
                        match event with
                        | OrderEvent.Accounted -> true
                        | OrderEvent.Ended(_, ValueSome total) -> total.Raw <= filled
                        | _ -> false

                    List.zip (List.tail (run events)) [ for n in 1 .. events.Length -> List.take n events ]
                    |> List.forall (fun ((o, _), heard) ->
                        match o.Phase with
                        | Phase.Closed(Ending.Cancelled _) -> List.exists (isStated o.Filled.Raw) heard
                        | Phase.Closed Ending.Filled ->
                            o.Filled.Raw >= o.New.Sz.Raw || List.exists (isStated o.Filled.Raw) heard
                        | _ -> true)))
            law "keeps its whole rest exposed while no closing word stated a total, whatever fills" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    let states event =
                        match event with
                        | OrderEvent.Ended(_, ValueSome _)
                        | OrderEvent.Accounted
                        | OrderEvent.Lapsed
                        | OrderEvent.Refused _ -> true
                        | _ -> false

                    let o = events |> List.filter (states >> not) |> run |> List.last |> fst
                    (Order.exposure o).Raw = max 0L (o.New.Sz.Raw - o.Filled.Raw)))
            law "is given up as never arrived only when the venue never said that it has it" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    let isSign event =
                        match event with
                        | OrderEvent.Accepted _
                        | OrderEvent.Filled _ -> true
                        | _ -> false

                    List.zip (List.tail (run events)) [ for n in 1 .. events.Length -> List.take n events ]
                    |> List.forall (fun ((o, _), heard) ->
                        match o.Phase with
                        | Phase.Closed Ending.NeverArrived -> not (List.exists isSign heard)
                        | _ -> true)))
            law "ends the same in whatever order its acknowledgement, its fills and its endings come" (fun () ->
                let drawn =
                    gen {
                        let! first = Gen.choose64 (1L, 5L)
                        let! second = Gen.choose64 (0L, 5L)
                        let! isRepeated = Gen.elements [ true; false ]
                        let total = first + second
                        let stated = OrderEvent.Ended(OrderStatus.Cancelled "canceled", ValueSome(sz total))

                        let events =
                            [
                                OrderEvent.Accepted 1L
                                OrderEvent.Filled(sz first)
                                if second > 0L then
                                    OrderEvent.Filled(sz second)
                                stated
                                if isRepeated then
                                    OrderEvent.Ended(OrderStatus.Cancelled "canceled", ValueNone)
                                    OrderEvent.Accepted 1L
                                    OrderEvent.Unanswered
                                    OrderEvent.Ended(OrderStatus.Unknown "somethingNew", ValueNone)
                            ]

                        let! shuffled = Gen.shuffle (List.toArray events)
                        return total, List.ofArray shuffled
                    }

                Prop.forAll (Arb.fromGen drawn) (fun (total, events) ->
                    let o, _ = List.last (run events)

                    let ending =
                        if total = 10L then
                            Ending.Filled
                        else
                            Ending.Cancelled(OrderStatus.Cancelled "canceled")

                    match o.Phase with
                    | Phase.Closed e -> e = ending && o.Filled.Raw = total * lot && (Order.exposure o).Raw = 0L
                    | _ -> false))
            law "acknowledged twice is acknowledged once" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    let once = run (OrderEvent.Accepted 1L :: events) |> List.last |> fst

                    let twice =
                        run (OrderEvent.Accepted 1L :: OrderEvent.Accepted 1L :: events)
                        |> List.last
                        |> fst

                    once = twice))
            law "unanswered is never closed by silence alone" (fun () ->
                let o = order 1L 10L
                let struct (doubt, _) = Order.apply OrderEvent.Unanswered o
                let struct (still, _) = Order.apply OrderEvent.Unanswered doubt
                not (Order.isClosed still) && (Order.exposure still).Raw = o.New.Sz.Raw)
        ]
