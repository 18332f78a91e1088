namespace Vrlg.Core

open System.Collections.Immutable
open System.Runtime.CompilerServices

/// The one text of every command and note: what journals keep, logs show and differences are printed in. One line each.
[<RequireQualifiedAccess>]
module Words =
    let side (s: Side) = if s = Side.Buy then "buy" else "sell"

    let tif (t: Tif) =
        match t with
        | Tif.Alo -> "alo"
        | Tif.Ioc -> "ioc"
        | _ -> "gtc"

    let status (s: OrderStatus) =
        match s with
        | OrderStatus.Open -> "open"
        | OrderStatus.Filled -> "filled"
        | OrderStatus.Triggered -> "triggered"
        | OrderStatus.Cancelled word
        | OrderStatus.Rejected word
        | OrderStatus.Unknown word -> word

    let ending (e: Ending) =
        match e with
        | Ending.Filled -> "filled"
        | Ending.Cancelled s -> "cancelled (" + status s + ")"
        | Ending.Rejected s -> "rejected (" + status s + ")"
        | Ending.NeverArrived -> "never arrived"

    let slot (s: Slot) =
        $"{side s.Side}/{s.Instrument.Index}/{s.Name}"

    let breach (b: Breach) =
        match b with
        | Breach.PositionCap(worst, cap) -> $"the position could reach {worst}, above the cap of {cap}"
        | Breach.OrderTooSmall(notional, least) -> $"the order is worth {notional}, below the venue's {least}"
        | Breach.OrderTooLarge(notional, most) -> $"the order is worth {notional}, above the limit of {most}"
        | Breach.PriceOffGrid px -> $"the price {px} is not on the venue's grid"
        | Breach.PriceFarFromMarket(px, mid) -> $"the price {px} is too far from the mid {mid}"
        | Breach.SizeOffGrid sz -> $"the size {sz} is not a positive number of lots"
        | Breach.TooManyOrders count -> $"{count} orders are open already"
        | Breach.BudgetSpent left -> $"the action budget is spent ({left} left)"
        | Breach.NotReady health -> $"not ready: {health}"
        | Breach.StaleData _ -> "the book is stale, in a gap or lost"
        | Breach.NotReducing position -> $"the order does not reduce the position of {position}"
        | Breach.UnknownInstrument id -> $"instrument {id.Index} is not one that the desk trades"
        | Breach.MarketEntryForbidden -> "market entries are forbidden"
        | Breach.ReservedSlot -> "the slot is kept for the house itself"

    /// The rule of a breach in one word, for counters.
    let breachName (b: Breach) =
        match b with
        | Breach.PositionCap _ -> "position_cap"
        | Breach.OrderTooSmall _ -> "order_too_small"
        | Breach.OrderTooLarge _ -> "order_too_large"
        | Breach.PriceOffGrid _ -> "price_off_grid"
        | Breach.PriceFarFromMarket _ -> "price_far_from_market"
        | Breach.SizeOffGrid _ -> "size_off_grid"
        | Breach.TooManyOrders _ -> "too_many_orders"
        | Breach.BudgetSpent _ -> "budget_spent"
        | Breach.NotReady _ -> "not_ready"
        | Breach.StaleData _ -> "stale_data"
        | Breach.NotReducing _ -> "not_reducing"
        | Breach.UnknownInstrument _ -> "unknown_instrument"
        | Breach.MarketEntryForbidden -> "market_entry_forbidden"
        | Breach.ReservedSlot -> "reserved_slot"

    let fault (f: OrderFault) =
        match f with
        | OrderFault.Overfilled(cloid, excess) -> $"{cloid} was filled beyond its size by {excess}"
        | OrderFault.NotOurs cloid -> $"{cloid} is no order of ours"
        | OrderFault.Contradicted(cloid, what) -> $"{cloid} {what}"
        | OrderFault.TooOld(cloid, tradeId) -> $"a fill of {cloid} (trade {tradeId}) is older than the memory of fills"
        | OrderFault.Uncounted(cloid, tradeId, why) -> $"a fill of {cloid} (trade {tradeId}) was not counted: {why}"

    /// What a block clock goes by, as reports name it.
    let source (s: StallSource) =
        match s with
        | StallSource.Blocks -> "blocks"
        | StallSource.Approx -> "approx"
        | _ -> "none"

    let fitness (f: Fitness) =
        match f with
        | Fitness.Cold -> "cold: accounts are not known yet"
        | Fitness.Ready -> "ready"
        | Fitness.Degraded why -> "degraded: " + why
        | Fitness.Halted(HaltReason.Operator reason) -> "halted by the operator: " + reason
        | Fitness.Halted(HaltReason.LossLimit(loss, limit)) -> $"halted: the loss reached {loss} of {limit} USD"
        | Fitness.Halted(HaltReason.BrokenInvariant what) -> "halted, a rule of the house is broken: " + what
        | Fitness.Halted(HaltReason.BlockInterval(median, limit, from)) ->
            $"halted: block intervals of {median} in the median, above the limit of {limit} (source: {source from})"
        | Fitness.Halted(HaltReason.BlockSilence(silence, limit, StallSource.Blocks)) ->
            $"halted: no block for {silence}, above the limit of {limit} (source: {source StallSource.Blocks})"
        | Fitness.Halted(HaltReason.BlockSilence(silence, limit, from)) ->
            $"halted: no message of the venue for {silence} on a living connection, above the limit of {limit} (source: {source from})"

    let command (c: Command) =
        match c with
        | Place approved ->
            let o = approved.Order
            let reduce = if o.ReduceOnly then " reduce-only" else ""
            let at = $"account {o.Account.Index} instrument {o.Instrument.Index}"
            let expires = if o.Expires.IsNone then "" else $" expires {o.Expires}"
            let trigger = if o.IsStop then $" trigger {o.Trigger}" else ""
            $"place {o.Cloid} {at} {side o.Side} {o.Sz} at {o.Px} {tif o.Tif}{reduce}{trigger}{expires}"
        | Cancel(account, instrument, cloid) -> $"cancel {cloid} account {account.Index} instrument {instrument.Index}"
        | Query(account, instrument, cloid) -> $"query {cloid} account {account.Index} instrument {instrument.Index}"
        | Resync account -> $"resync account {account.Index}"
        | Quit reason -> "quit: " + reason

    let note (n: Note) =
        match n with
        | Refused(desk, s, breaches) ->
            let reasons = System.String.Join("; ", Seq.map breach breaches)
            $"desk {desk.Index} slot {slot s} refused: {reasons}"
        | Remarked(desk, remark) -> $"desk {desk.Index} says {remark}"
        | OrderClosed(desk, cloid, how, filled, age) ->
            $"desk {desk.Index} order {cloid} {ending how}, filled {filled}, after {age.Ns} ns"
        | OrderFaulted f -> "fault: " + fault f
        | RaceCounted cloid -> $"race: {cloid} had ended already"
        | Drifted(account, instrument, ours, venues) ->
            $"account {account.Index} instrument {instrument.Index}: ours {ours}, the venue's {venues}; the venue's is taken"
        | FitnessChanged f -> fitness f

    /// Every command and note of a step, a line each, in order.
    let output (o: inref<Output>) : ImmutableArray<string> =
        let lines = ImmutableArray.CreateBuilder<string>()

        if not o.Commands.IsDefaultOrEmpty then
            for c in o.Commands do
                lines.Add(command c)

        if not o.Notes.IsDefaultOrEmpty then
            for n in o.Notes do
                lines.Add(note n)

        lines.ToImmutable()
