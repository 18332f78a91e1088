/// The local venue: damaged requests, and what a page of bars costs.
module Vrlg.Bench.VenueRuns

open System
open System.Diagnostics
open System.Text.Json
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue

/// `fuzz-venue COUNT SEED`: damaged requests through the venue; 1 when anything is wrong.
let fuzz (count: int) (seed: int) : int =
    let watch = Stopwatch.StartNew()
    let found = VenueFuzz.campaign seed count

    for f in found.Faults do
        Console.WriteLine f

    Console.WriteLine
        $"{found.Cases} damaged requests, {found.Answered} still answered, {found.Executed} by a block, {found.Faults.Length} faults, {watch.Elapsed.TotalSeconds:F0} s"

    if found.Faults.IsEmpty then 0 else 1

/// Median milliseconds of something done so many times.
let private median (times: int) (act: unit -> unit) =
    let all =
        Array.init times (fun _ ->
            let watch = Stopwatch.StartNew()
            act ()
            watch.Elapsed.TotalMilliseconds)

    (Array.sort all)[times / 2]

/// `venue-bars`: what a page of 5,000 bars costs, under the venue's lock and outside of it.
let bars () : int =
    let ask =
        """{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0}}"""

    let request = JsonDocument.Parse(ask).RootElement
    let mutable page: BarPage | null = null
    BarPage.IsOne(request, &page) |> ignore<bool>

    match page with
    | null -> 1
    | page ->
        let fresh () = LocalVenue.create (VenueFuzz.config 1)
        let state = fresh ()
        let first = Array.init 21 (fun _ -> fresh ())
        let mutable i = 0

        let cold =
            median 21 (fun () ->
                page.Take first[i] |> ignore<Candle[]>
                i <- i + 1)

        let warm = median 101 (fun () -> page.Take state |> ignore<Candle[]>)
        let taken = page.Take state
        let written = median 101 (fun () -> page.Write taken |> ignore<byte[]>)

        Console.WriteLine
            $"5,000 bars: {cold:F2} ms the first time, {warm:F2} ms afterwards; as JSON {written:F2} ms outside of the lock"

        0
