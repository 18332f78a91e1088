module Vrlg.Properties.Slots

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private always (holds: Stamped -> Output -> State -> bool) (all: Hostile.Happening list) =
    let mutable ok = true

    Hostile.drive (Hostile.begin' true) all (fun input output s -> ok <- ok && holds input output s)
    |> ignore<State>

    ok

let private commands (o: Output) =
    if o.Commands.IsDefaultOrEmpty then
        []
    else
        Seq.toList o.Commands

let private key (s: Slot) =
    struct (s.Instrument.Index, s.Side, s.Name)

let tests =
    testList
        "slots"
        [
            lawN 300 "never hold two live orders" (fun () ->
                Prop.forAll
                    Hostile.happenings
                    (always (fun _ _ s ->
                        let live = s.Facts.Orders.LiveOrders.ToArray()
                        let keys = live |> Array.map (fun o -> key o.Slot)
                        Array.length (Array.distinct keys) = keys.Length)))
            lawN 300 "give every order a new number" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let seen = ResizeArray<int64>()

                    Hostile.drive (Hostile.begin' true) all (fun _ output _ ->
                        for c in commands output do
                            match c with
                            | Place a -> let cloid = a.Order.Cloid in seen.Add cloid.N
                            | _ -> ())
                    |> ignore<State>

                    List.ofSeq seen = [ 1L .. int64 seen.Count ]))
            lawN 300 "cancel only orders that rest, and each once" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let mutable ok = true
                    let mutable going: Cloid list = []

                    Hostile.drive (Hostile.begin' false) all (fun _ output s ->
                        for c in commands output do
                            match c with
                            | Cancel(_, _, cloid) ->
                                match s.Facts.Orders.TryLive cloid with
                                | ValueSome o ->
                                    let isGoing =
                                        match o.Phase with
                                        | Phase.Cancelling -> true
                                        | _ -> false

                                    ok <- ok && isGoing && not (List.contains cloid going)
                                | ValueNone -> ok <- false
                            | _ -> ()

                        // One that is going already is not cancelled again, until something is heard of it.
                        going <-
                            [
                                for o in s.Facts.Orders.LiveOrders.ToArray() do
                                    match o.Phase with
                                    | Phase.Cancelling -> o.New.Cloid
                                    | _ -> ()
                            ])
                    |> ignore<State>

                    ok))
            lawN 300 "never send again while an order's fate is unknown" (fun () ->
                Prop.forAll
                    Hostile.happenings
                    (always (fun _ output s ->
                        commands output
                        |> List.forall (fun c ->
                            match c with
                            | Place a ->
                                let placed = s.Facts.Orders.TryLive a.Order.Cloid

                                match placed with
                                | ValueNone -> false
                                | ValueSome o ->
                                    s.Facts.Orders.LiveOrders.ToArray()
                                    |> Array.forall (fun other ->
                                        other.New.Cloid = o.New.Cloid
                                        || key other.Slot <> key o.Slot
                                        || other.Phase.IsClosed)
                            | _ -> true))))
            lawN 300 "cancel before they place" (fun () ->
                Prop.forAll
                    Hostile.happenings
                    (always (fun _ output _ ->
                        let kinds =
                            commands output
                            |> List.map (fun c ->
                                match c with
                                | Place _ -> 1
                                | Cancel _ -> 0
                                | _ -> 2)

                        let main = kinds |> List.filter (fun k -> k < 2)
                        main = List.sort main)))
            lawN 300 "place reducing orders no larger than the position" (fun () ->
                Prop.forAll
                    Hostile.happenings
                    (always (fun _ output s ->
                        commands output
                        |> List.forall (fun c ->
                            match c with
                            | Place a when a.Order.ReduceOnly ->
                                let held = s.Facts.Ledger.Position(AccountId.Of 0, InstrumentId.Of 0)
                                let size = a.Order.Sz
                                size.Raw <= abs held.Size.Raw
                            | _ -> true))))
        ]
