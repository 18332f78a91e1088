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
            law "once closed never works again" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    run events
                    |> List.pairwise
                    |> List.forall (fun ((was, _), (now, _)) -> Order.isClosed now || not (Order.isClosed was))))
            law "counts the fills it was shown, each one" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    let shown =
                        events
                        |> List.sumBy (fun e ->
                            match e with
                            | OrderEvent.Filled(size, _) -> size.Raw
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
            law "answered by a cancel stays exposed until its fills are stated and here" (fun () ->
                Prop.forAll orderEvents (fun events ->
                    run events
                    |> List.forall (fun (o, _) ->
                        match o.Phase with
                        | Phase.Closed(Ending.Cancelled _) -> o.Told.Raw >= 0L && o.Filled.Raw >= o.Told.Raw
                        | _ -> true)))
            law "ends the same whichever of its ending and its last fill comes first" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose64 (1L, 9L))) (fun n ->
                    let filled = OrderEvent.Filled(sz n, sz n)
                    let ended = OrderEvent.Ended(OrderStatus.Cancelled "canceled", ValueSome(sz n))

                    let last events =
                        fst (List.last (run (OrderEvent.Accepted 1L :: events)))

                    last [ filled; ended ] = last [ ended; filled ]))
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
