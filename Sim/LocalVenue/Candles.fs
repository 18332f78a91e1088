namespace Vrlg.Sim.LocalVenue

open System
open System.Collections.Generic
open Vrlg.Core
open Vrlg.Sim

/// One bar of a market. `Time` is when it opens, milliseconds.
[<Struct; NoComparison; NoEquality>]
type Candle =
    {
        Time: int64
        Open: int64
        Close: int64
        High: int64
        Low: int64
        /// Base units, 1e-8.
        Volume: int64
        Trades: int64
    }

/// Intervals of bars as the wire names them.
[<RequireQualifiedAccess>]
module Interval =
    let private minute = 60_000L
    let private hour = 60L * minute
    let private day = 24L * hour

    /// Names and lengths; a month's is 0.
    let all: struct (string * int64)[] =
        [|
            struct ("1m", minute)
            struct ("3m", 3L * minute)
            struct ("5m", 5L * minute)
            struct ("15m", 15L * minute)
            struct ("30m", 30L * minute)
            struct ("1h", hour)
            struct ("2h", 2L * hour)
            struct ("4h", 4L * hour)
            struct ("8h", 8L * hour)
            struct ("12h", 12L * hour)
            struct ("1d", day)
            struct ("3d", 3L * day)
            struct ("1w", 7L * day)
            struct ("1M", 0L)
        |]

    /// The place of a name; -1 when no interval has it.
    let find (name: string) : int =
        all
        |> Array.tryFindIndex (fun struct (n, _) -> n = name)
        |> Option.defaultValue -1

    let name (i: int) : string =
        let struct (n, _) = all[i]
        n

    /// Milliseconds into which .NET's calendar still reaches.
    let private latest = 253_402_300_799_999L

    let private month (time: int64) (shift: int) : int64 =
        let at = DateTime.UnixEpoch.AddMilliseconds(float (max 0L (min latest time)))
        let months = max 0 (12 * (at.Year - 1970) + at.Month - 1 + shift)
        let first = DateTime.UnixEpoch.AddMonths(min 96_300 months)
        int64 (first - DateTime.UnixEpoch).TotalMilliseconds

    /// When the bar that holds an instant opened.
    let opening (i: int) (time: int64) : int64 =
        match all[i] with
        | struct (_, 0L) -> month time 0
        | struct (_, length) -> max 0L (time - time % length)

    /// When the bar after the one that opened at `time` opens.
    let following (i: int) (time: int64) : int64 =
        match all[i] with
        | struct (_, 0L) -> month time 1
        | struct (_, length) -> time + length

    /// When the bar `count` before the one that opened at `time` opened.
    let before (i: int) (time: int64) (count: int) : int64 =
        match all[i] with
        | struct (_, 0L) -> month time -count
        | struct (_, length) -> max 0L (time - int64 count * length)

/// Bars of every market and interval: made up before the venue began, from its trades since. One linear owner.
[<Sealed>]
type Candles(seed: int64, genesis: int64) =
    let live =
        Array.init Listing.markets.Length (fun _ -> Array.init Interval.all.Length (fun _ -> ResizeArray<Candle>()))

    let most = 5_000

    let pasts = Listing.markets |> Array.map (fun m -> Past(seed, m, genesis))

    let volumes =
        Listing.markets
        |> Array.map (fun m ->
            Array.init Interval.all.Length (fun i -> Seed.key seed ("volume/" + m.Coin + "/" + Interval.name i)))

    let byTime = Comparer<Candle>.Create(fun a b -> compare a.Time b.Time)

    /// A bar from before the first block: opens and closes on one curve, so that the close of one is the open of the next.
    let made (market: Listed) (i: int) (time: int64) : Candle =
        let until = Interval.following i time

        let at t = pasts[market.Id].At(min genesis t)

        let opened, closed = at time, at until
        let mutable high = max opened closed
        let mutable low = min opened closed

        for k in 1L .. 6L do
            let px = at (time + (until - time) * k / 7L)
            high <- max high px
            low <- min low px

        let hours = float (until - time) / 3_600_000.0
        let share = 0.6 + 0.8 * Seed.unit (volumes[market.Id][i]) (time / 60_000L)
        let trades = max 1L (int64 (market.TakersAnHour * hours * share))
        let worth = 0.15 * float market.Depth * float trades
        let lot = Instrument.lot market.Rules
        let volume = int64 (min 9e17 (worth / float (max 1L closed) * 1e16))

        {
            Time = time
            Open = opened
            Close = closed
            High = high
            Low = low
            Volume = max lot (volume - volume % lot)
            Trades = trades
        }

    let still (time: int64) (px: int64) : Candle =
        {
            Time = time
            Open = px
            Close = px
            High = px
            Low = px
            Volume = 0L
            Trades = 0L
        }

    /// The last traded price of a bar's past.
    let closeBefore (market: Listed) (rows: ResizeArray<Candle>) =
        if rows.Count > 0 then
            rows[rows.Count - 1].Close
        else
            pasts[market.Id].At genesis

    let fill (market: Listed) (i: int) (upTo: int64) =
        let rows = live[market.Id][i]

        let mutable next =
            if rows.Count = 0 then
                Interval.opening i genesis
            else
                Interval.following i rows[rows.Count - 1].Time

        while next <= upTo do
            if rows.Count = 0 then
                rows.Add(made market i next)
            else
                rows.Add(still next (closeBefore market rows))

            if rows.Count > 2 * most then
                rows.RemoveRange(0, most)

            next <- Interval.following i next

    /// All bars from before the first block, made when somebody asks for many of them.
    let olds: Candle[][] =
        Array.create (Listing.markets.Length * Interval.all.Length) [||]

    /// Bars from before the first block from one that opens at a time to another.
    let old (market: Listed) (i: int) (first: int64) (last: int64) : Candle[] =
        let bars (first: int64) (last: int64) =
            let found = ResizeArray<Candle>()
            let mutable t = first

            while t <= last do
                found.Add(made market i t)
                t <- Interval.following i t

            found.ToArray()

        if Interval.following i (Interval.following i first) >= last then
            bars first last
        else
            let at = market.Id * Interval.all.Length + i

            if olds[at].Length = 0 then
                let born = Interval.opening i genesis
                olds[at] <- bars (Interval.before i born (most - 1)) (born - 1L)

            olds[at] |> Array.filter (fun c -> c.Time >= first && c.Time <= last)

    /// A trade happened.
    member _.Trade(market: Listed, time: int64, px: int64, sz: int64) =
        for i in 0 .. Interval.all.Length - 1 do
            fill market i (Interval.opening i time)
            let rows = live[market.Id][i]
            let c = rows[rows.Count - 1]
            let isFirst = c.Trades = 0L

            rows[rows.Count - 1] <-
                { c with
                    Open = (if isFirst then px else c.Open)
                    Close = px
                    High = (if isFirst then px else max c.High px)
                    Low = (if isFirst then px else min c.Low px)
                    Volume = Wide.count c.Volume sz
                    Trades = c.Trades + 1L
                }

    /// The bar that holds an instant.
    member _.At(market: Listed, i: int, now: int64) : Candle =
        fill market i (Interval.opening i now)
        let rows = live[market.Id][i]
        rows[rows.Count - 1]

    /// The latest 5,000 bars as far as they overlap with the span, oldest first.
    member _.Between(market: Listed, i: int, from: int64, until: int64, now: int64) : Candle[] =
        fill market i (Interval.opening i now)
        let rows = live[market.Id][i]
        let last = Interval.opening i (min now until)
        let oldest = Interval.before i (Interval.opening i now) (most - 1)
        let first = max oldest (Interval.opening i (max 0L from))
        let found = ResizeArray<Candle>()
        let born = if rows.Count = 0 then Int64.MaxValue else rows[0].Time

        if first < born then
            found.AddRange(old market i first (min last (born - 1L)))

        let mutable k = rows.BinarySearch(still (max first born) 0L, byTime)

        if k < 0 then
            k <- ~~~k

        while k < rows.Count && rows[k].Time <= last && found.Count < most do
            found.Add rows[k]
            k <- k + 1

        found.ToArray()
