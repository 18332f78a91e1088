namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// How values are spread: each percentile is the smallest value not exceeded by that share of them.
[<NoComparison; NoEquality>]
type Distribution =
    {
        Count: int
        /// Of which nothing is known; they stand in no other figure.
        Unknown: int
        Mean: float voption
        P25: float voption
        Median: float voption
        P75: float voption
        P95: float voption
    }

/// What became of orders (simulation.md 13).
[<RequireQualifiedAccess>]
module Execution =
    /// Infinite values are unknown ones.
    let distribution (values: seq<float>) : Distribution =
        let all = Seq.toArray values
        let known = all |> Array.filter Double.IsFinite |> Array.sort

        let at (q: float) =
            if known.Length = 0 then
                ValueNone
            else
                ValueSome known[max 0 (int (ceil (q * float known.Length)) - 1)]

        {
            Count = known.Length
            Unknown = all.Length - known.Length
            Mean =
                if known.Length = 0 then
                    ValueNone
                else
                    ValueSome(Array.average known)
            P25 = at 0.25
            Median = at 0.5
            P75 = at 0.75
            P95 = at 0.95
        }

    /// Filled over accepted quantity, and the share of accepted orders with any fill. One pair (size, filled) an accepted order.
    let fillRatios (orders: ImmutableArray<struct (float * float)>) : struct (float * float) voption =
        if orders.IsEmpty then
            ValueNone
        else
            let asked = orders |> Seq.sumBy (fun struct (size, _) -> size)
            let got = orders |> Seq.sumBy (fun struct (_, filled) -> filled)

            let some =
                orders |> Seq.sumBy (fun struct (_, filled) -> if filled > 0.0 then 1 else 0)

            ValueSome(struct (got / asked, float some / float orders.Length))

    /// Size asked and size filled of every accepted order, in coins. Stops that wait at the exchange are not meant to fill.
    let accepted (orders: seq<OrderRow>) : ImmutableArray<struct (float * float)> =
        orders
        |> Seq.filter (fun o -> o.IsAccepted && not o.IsStop)
        |> Seq.map (fun o ->
            let asked = o.Order.Sz
            let traded = o.Traded
            struct (float asked.Raw / 1e8, float traded.Raw / 1e8))
        |> ImmutableArray.CreateRange

    /// `count / whole`, none of nothing.
    let ratio (count: int64) (whole: int64) : float voption =
        if whole > 0L then
            ValueSome(float count / float whole)
        else
            ValueNone

    /// Refused orders over orders sent, by the exchange's code, in the order of the codes.
    let rejectRatios (orders: IReadOnlyCollection<OrderRow>) : ImmutableArray<struct (string * float)> =
        let counts = SortedDictionary<string, int>(StringComparer.Ordinal)

        for o in orders do
            if o.RejectCode <> "" then
                let seen =
                    match counts.TryGetValue o.RejectCode with
                    | true, n -> n
                    | _ -> 0

                counts[o.RejectCode] <- seen + 1

        counts
        |> Seq.map (fun pair -> struct (pair.Key, float pair.Value / float orders.Count))
        |> ImmutableArray.CreateRange

    /// Lots of others ahead, of every order that came to rest.
    let queueAtEntry (orders: seq<OrderRow>) : Distribution =
        orders
        |> Seq.filter (fun o -> o.Rested)
        |> Seq.map (fun o -> o.Front)
        |> distribution

    /// Milliseconds from acceptance to the first fill, by the exchange's clock, of every order that came to rest and filled.
    let timeToFirstFillMs (orders: seq<OrderRow>) : Distribution =
        orders
        |> Seq.filter (fun o -> o.Rested && (let first = o.FirstFillAt in first.Ns > 0L))
        |> Seq.map (fun o ->
            let first = o.FirstFillAt
            let since = o.AcceptedAt
            float (first.Ns - since.Ns) / 1e6)
        |> distribution

    /// Size of the flagged fills over the size of all.
    let uncertainShare (fills: ImmutableArray<FillRow>) : float voption =
        let size (rows: seq<FillRow>) =
            rows |> Seq.sumBy (fun f -> let sz = f.Sz in float sz.Raw)

        let whole = size fills

        if whole > 0.0 then
            ValueSome(size (fills |> Seq.filter (fun f -> f.IsUncertain)) / whole)
        else
            ValueNone

    /// Actions a closed round trip.
    let actionsPerTrade (actions: int64) (trips: int) : float voption = ratio actions (int64 trips)

    /// Hours until the allowance is used up; infinite where trading earns as much as is used, or where nothing is counted.
    let budgetHorizonHours (left: float) (actionsPerHour: float) (usdPerHour: float) : float =
        let burn = actionsPerHour - usdPerHour
        if burn > 0.0 then left / burn else Double.PositiveInfinity

    /// What the market printed at our prices while an order of ours rested there, in coins: buyers for our asks, sellers for our
    /// bids. An order takes part from the record after its acceptance to its end.
    let marketVolume (orders: seq<OrderRow>) (instrument: InstrumentId) (tape: Tape) : float =
        let waiting =
            orders
            |> Seq.filter (fun o -> o.Rested)
            |> Seq.sortBy (fun o -> let at = o.AcceptedAt in at.Ns)
            |> Queue

        let resting = ResizeArray<OrderRow>()
        let mutable volume = 0.0

        for i in 0 .. tape.Count - 1 do
            if waiting.Count > 0 || resting.Count > 0 then
                let at = tape.VenueAt i

                while waiting.Count > 0 && (let since = waiting.Peek().AcceptedAt in since.Ns < at) do
                    resting.Add(waiting.Dequeue())

                resting.RemoveAll(fun o -> let gone = o.GoneAt in gone.Ns > 0L && gone.Ns < at)
                |> ignore

                if resting.Count > 0 then
                    let event = tape.Event i

                    if event.Kind = EventKind.Traded && event.Instrument.Index = instrument.Index then
                        let px = event.Px
                        let sz = event.Sz

                        if
                            resting.Exists(fun o ->
                                o.Order.Side <> event.Side && (let own = o.Order.Px in own.Raw = px.Raw))
                        then
                            volume <- volume + float sz.Raw / 1e8

        volume

    /// Our maker size over the market's volume at our prices; none where nothing was printed there.
    let participation (fills: ImmutableArray<FillRow>) (volume: float) : float voption =
        if volume > 0.0 then
            let own =
                fills
                |> Seq.sumBy (fun f -> let sz = f.Sz in if f.IsMaker then float sz.Raw / 1e8 else 0.0)

            ValueSome(own / volume)
        else
            ValueNone
