namespace Vrlg.Core

/// What the end of an order means for the wish that it was sent for.
module internal Ends =
    /// The price that the venue refused, and the touch then: not sent again at once.
    let private refused (s: State) (o: Order) (item: WantedSlot) : WantedSlot =
        let market = s.Facts.Market o.Slot.Instrument
        let touch = market.Touch

        { item with
            RefusedPx = o.New.Px
            RefusedBid = touch.BidPx
            RefusedAsk = touch.AskPx
            RefusedAt = o.ChangedAt
        }

    /// A slice of an iceberg that filled whole is followed by the next, unless something else is wanted by now.
    let private filled (o: Order) (item: WantedSlot) : WantedSlot =
        let total = o.Before + o.Filled

        let goesOn =
            item.Kind = WishKind.Rest
            && not item.Armed
            && o.Filled = o.New.Sz
            && total.Raw < item.Sz.Raw

        if goesOn then
            { item with Armed = true; Done = total }
        else
            item

    let ofOrder (by: Owner) (s: State) (o: Order) =
        let desk = s.DeskArray[o.Desk.Index]

        match desk.Wanted.Find o.Slot with
        | -1 -> ()
        | i ->
            let was = desk.Wanted.At i

            let item =
                match o.Phase with
                | Phase.Closed(Ending.Rejected _) -> ValueSome(refused s o was)
                | Phase.Closed Ending.Filled -> ValueSome(filled o was)
                | _ -> ValueNone

            match item with
            | ValueNone -> ()
            | ValueSome next ->
                s.DeskArray[o.Desk.Index] <-
                    { desk with
                        Wanted = desk.Wanted.Put(by, i, next)
                    }
