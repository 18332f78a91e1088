namespace Vrlg.Sim.LocalVenue

/// The orders of one action, one by one or as a family.
module internal Ordering =
    /// A parent with its children: they wait until it is filled.
    let private family (s: VenueState) (a: VenueAccount) (asks: OrderAsk[]) : Status[] =
        s.LastGroup <- s.LastGroup + 1L
        let group = s.LastGroup
        let struct (status, parent) = Placing.place s a asks[0] Grouping.Na 0L 0L

        match status, parent with
        | Status.Error _, _
        | _, null -> Array.create asks.Length status
        | _ ->
            let children = asks[1..] |> Array.map (fun ask -> Placing.child s a ask group)

            parent.Children <-
                children
                |> Array.choose (fun struct (_, c) -> if isNull c then None else Some c)

            let isOn = not parent.IsLive && parent.FilledSz > 0L

            if isOn then
                Placing.activate s parent
            else
                s.Parents.Add parent

            [|
                status

                for struct (said, _) in children do
                    match said with
                    | Status.Word _ when isOn -> Status.Word "waitingForTrigger"
                    | said -> said
            |]

    let private isMixed (asks: OrderAsk[]) =
        let kind (a: OrderAsk) =
            if a.Asset >= 100_000_000 then 2
            elif a.Asset >= 10_000 && a.Asset < 100_000 then 1
            else 0

        asks |> Array.exists (fun a -> kind a <> kind asks[0])

    /// Whether orders may be paid to be earlier: all take at once, or all only rest and may open a position.
    let private isPayable (asks: OrderAsk[]) =
        asks |> Array.forall (fun a -> a.Tif = "Ioc" && a.Trigger.IsNone)
        || asks
           |> Array.forall (fun a -> a.Tif = "Alo" && a.Trigger.IsNone && not a.ReduceOnly)

    /// The orders of one action.
    let orders (s: VenueState) (a: VenueAccount) (asks: OrderAsk[]) (kind: Grouping) (sub: int -> unit) : VenueAnswer =
        if asks.Length = 0 then
            VenueAnswer.Err "Orders are empty"
        elif isMixed asks then
            VenueAnswer.Err "Order action has different asset classes"
        elif kind = Grouping.Paid && not (isPayable asks) then
            VenueAnswer.Err Texts.unpayable
        elif kind = Grouping.NormalTpsl then
            VenueAnswer.Statuses("order", family s a asks)
        else
            s.LastGroup <- s.LastGroup + 1L
            let group = if kind = Grouping.PositionTpsl then s.LastGroup else 0L

            let statuses =
                asks
                |> Array.mapi (fun i ask ->
                    sub i
                    let struct (status, _) = Placing.place s a ask kind group 0L

                    match status with
                    | Status.Resting _ when kind = Grouping.PositionTpsl && ask.Trigger.IsSome ->
                        Status.Word "waitingForTrigger"
                    | status -> status)

            VenueAnswer.Statuses("order", statuses)
