namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// One request as it was recorded, nanoseconds since 1970. Without an execution time the request was lost, or refused before
/// matching.
[<Struct; NoComparison>]
type LatencyRow =
    {
        Sent: int64
        Executed: int64 voption
        Reported: int64
    }

    member r.RoundTrip = r.Reported - r.Sent

/// What a command meets: the way in, what is left for its answer, and whether the exchange ever sees it.
[<Struct; NoComparison>]
type Trip =
    {
        Entry: int64
        Response: int64
        IsLost: bool
    }

    member t.RoundTrip = t.Entry + t.Response

/// Recorded requests in the order of their sending.
[<Sealed>]
type LatencyTable private (rows: ImmutableArray<LatencyRow>, hours: int[][], executed: int[], executedHours: int[][]) =
    static let hourOf (ns: int64) =
        int (((ns / 3_600_000_000_000L) % 24L + 24L) % 24L)

    static let isExecuted (r: LatencyRow) =
        match r.Executed with
        | ValueSome _ -> true
        | ValueNone -> false

    static let fault (i: int) (r: LatencyRow) =
        match r.Executed with
        | ValueSome e when e < r.Sent -> Some $"row {i + 1} was executed before it was sent"
        | ValueSome e when r.Reported < e -> Some $"row {i + 1} was reported before it was executed"
        | ValueNone when r.Reported < r.Sent -> Some $"row {i + 1} was reported before it was sent"
        | _ -> None

    /// The rows in any order. An error is a sentence.
    static member Create(rows: ImmutableArray<LatencyRow>) : Result<LatencyTable, string> =
        let faults = rows |> Seq.indexed |> Seq.choose (fun (i, r) -> fault i r)

        match Seq.tryHead faults with
        | Some sentence -> Error sentence
        | None when rows |> Seq.forall (fun r -> not (isExecuted r)) ->
            Error "no row has an execution time: nothing can be learned from it"
        | None ->
            let sorted = rows |> Seq.sortBy (fun r -> r.Sent) |> ImmutableArray.CreateRange
            let all = [| 0 .. sorted.Length - 1 |]
            let isIn h i = hourOf sorted[i].Sent = h

            let byHour these =
                Array.init 24 (fun h -> Array.filter (isIn h) these)

            let executed = all |> Array.filter (fun i -> isExecuted sorted[i])
            Ok(LatencyTable(sorted, byHour all, executed, byHour executed))

    member _.Count = rows.Length
    member _.Item(i: int) : LatencyRow = rows[i]

    static member private Pick(key, i, from: int[]) =
        from[int (Seed.between key i 0L (int64 from.Length - 1L))]

    /// A row drawn at index `i` of a stream; of the hour of day of `at` where that hour has rows and is asked for.
    member _.Drawn(key: uint64, i: int64, at: int64, sameHour: bool) : LatencyRow =
        let bucket = if sameHour then hours[hourOf at] else Array.empty

        if bucket.Length > 0 then
            rows[LatencyTable.Pick(key, i, bucket)]
        else
            rows[int (Seed.between key i 0L (int64 rows.Length - 1L))]

    /// The same among the rows that were executed.
    member _.DrawnExecuted(key: uint64, i: int64, at: int64, sameHour: bool) : LatencyRow =
        let bucket = if sameHour then executedHours[hourOf at] else Array.empty
        rows[LatencyTable.Pick(key, i, (if bucket.Length > 0 then bucket else executed))]

    /// The last row sent at or before `at`; -1 when all were sent later.
    member _.Before(at: int64) : int =
        let mutable lo = 0
        let mutable hi = rows.Length

        while lo < hi do
            let mid = (lo + hi) / 2
            if rows[mid].Sent <= at then lo <- mid + 1 else hi <- mid

        lo - 1

/// Where entry and response of a command come from.
[<RequireQualifiedAccess; NoComparison>]
type OrderDelay =
    /// Entry = floor(share * round trip), response = the rest.
    | Split of roundTrip: Delay * share: float
    /// A recorded row at random, optionally of the same hour of day.
    | Empirical of rows: LatencyTable * sameHour: bool
    /// Linear in the send time between the neighbouring recorded rows; the end values outside.
    | Interpolated of rows: LatencyTable

[<RequireQualifiedAccess>]
module OrderDelay =
    let private ofRow (r: LatencyRow) : Trip =
        match r.Executed with
        | ValueSome e ->
            {
                Entry = e - r.Sent
                Response = r.Reported - e
                IsLost = false
            }
        | ValueNone ->
            {
                Entry = 0L
                Response = r.RoundTrip
                IsLost = true
            }

    let private split (share: float) (roundTrip: int64) : Trip =
        let entry = int64 (floor (share * float roundTrip))

        {
            Entry = entry
            Response = roundTrip - entry
            IsLost = false
        }

    /// floor(a + (b - a) * num / den), in 128 bits.
    let private between (a: int64) (b: int64) (num: int64) (den: int64) : int64 =
        let product = Int128.op_Implicit (b - a) * Int128.op_Implicit num
        let d = Int128.op_Implicit den
        let q = product / d
        let whole = if product % d < Int128.Zero then q - Int128.One else q
        a + Int128.op_Explicit whole

    /// Linear in the send time. Between two rows of which one was lost the request is lost, with the round trip between.
    let interpolate (rows: LatencyTable) (sent: int64) : Trip =
        match rows.Before sent with
        | -1 -> ofRow rows[0]
        | i when i = rows.Count - 1 || rows[i].Sent = sent -> ofRow rows[i]
        | i ->
            let a = ofRow rows[i]
            let b = ofRow rows[i + 1]
            let num = sent - rows[i].Sent
            let den = rows[i + 1].Sent - rows[i].Sent

            if a.IsLost || b.IsLost then
                {
                    Entry = 0L
                    Response = between a.RoundTrip b.RoundTrip num den
                    IsLost = true
                }
            else
                {
                    Entry = between a.Entry b.Entry num den
                    Response = between a.Response b.Response num den
                    IsLost = false
                }

    /// What command `i`, sent at `sent`, meets; `rate` is the number of market records in the last second.
    let draw (key: uint64) (i: int64) (sent: int64) (rate: int64) (d: OrderDelay) : Trip =
        match d with
        | OrderDelay.Split(roundTrip, share) -> split share (Delay.draw key i rate roundTrip)
        | OrderDelay.Empirical(rows, sameHour) -> ofRow (rows.Drawn(key, i, sent, sameHour))
        | OrderDelay.Interpolated rows -> interpolate rows sent

    /// The way back of report `i` that no command asked for, produced at `at`: the response of a constant round trip, half the
    /// range of a uniform one, the response of an executed row.
    let report (key: uint64) (i: int64) (at: int64) (rate: int64) (d: OrderDelay) : int64 =
        match d with
        | OrderDelay.Split(roundTrip, share) when Delay.isFixed roundTrip ->
            let trip = split share (Delay.draw key i rate roundTrip)
            trip.Response
        | OrderDelay.Split(roundTrip, _) -> Delay.draw key i rate (Delay.half roundTrip)
        | OrderDelay.Empirical(rows, sameHour) ->
            let trip = ofRow (rows.DrawnExecuted(key, i, at, sameHour))
            trip.Response
        | OrderDelay.Interpolated rows ->
            let trip = interpolate rows at

            if trip.IsLost then
                // Nothing was executed around here: the share of the response among executed rows is not known, half is.
                trip.Response / 2L
            else
                trip.Response

    let isLoaded (d: OrderDelay) : bool =
        match d with
        | OrderDelay.Split(roundTrip, _) -> Delay.isLoaded roundTrip
        | OrderDelay.Empirical _
        | OrderDelay.Interpolated _ -> false

    let text (d: OrderDelay) : string =
        match d with
        | OrderDelay.Split(roundTrip, _) -> Delay.text roundTrip
        | OrderDelay.Empirical(rows, sameHour) ->
            let hour = if sameHour then " of the same hour" else ""
            $"drawn from {rows.Count} recorded requests{hour}"
        | OrderDelay.Interpolated rows -> $"interpolated between {rows.Count} recorded requests"
