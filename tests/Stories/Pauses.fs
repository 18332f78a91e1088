/// Stop-outs in a row pause the entries (D0-072, X16).
module Vrlg.Stories.Pauses

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

let private config: StopOutConfig =
    {
        Count = 3
        Within = Duration.OfMs 600_000L
        Pause = Duration.OfMs 600_000L
    }

let private loss = Usd.Of -1L

/// Ends of positions: at so many milliseconds, how, and with what.
let private after (ends: (int64 * LeftBy * Usd) list) =
    ends
    |> List.fold (fun (s: StopOuts) (ms, by, net) -> s.Ended(Instant.OfMs ms, by, net)) (StopOuts.Start config)

let private isPaused (ms: int64) (s: StopOuts) = s.IsPaused(Instant.OfMs ms)

let private stops (at: int64 list) =
    after [ for ms in at -> ms, LeftBy.Stop, loss ]

/// A market that stays wide, so that positions end by the time-stop alone, and lose their fees.
let private trailOf (sets: (string * string) list) =
    let market =
        { Synthetic.usual btc 1L with
            Length = Duration.OfMs 480_000L
            Spread = 4
            JumpEvery = Duration.OfMs 3_600_000L
        }

    let basis = [ "risk.stop_ticks", "900"; "exec.exit_after_ms", "60000" ]

    let struct (trail, _) =
        Backtest.run (Given.setup btc (basis @ sets)) 1L (Synthetic.make market)

    trail

let private losing (sets: (string * string) list) =
    (RoundTrips.ofFills (trailOf sets).Fills).Closed |> Seq.toList

let private isStopOut (t: RoundTrip) =
    let net = t.Net
    (t.Reason = "stop" || t.Reason = "time_stop") && net.Raw < 0L

/// The position whose end makes a row of three, if there is one.
let private third (trips: RoundTrip list) =
    trips
    |> List.windowed 3
    |> List.tryFind (List.forall isStopOut)
    |> Option.map List.last

let tests =
    testList
        "stop-outs in a row"
        [
            testCase "the third within ten minutes pauses, the second does not" (fun () ->
                Expect.isFalse (stops [ 1L; 2L ] |> isPaused 3L) "two"
                Expect.isTrue (stops [ 1L; 2L; 3L ] |> isPaused 4L) "three")
            testCase "the window's edge counts, a nanosecond more does not" (fun () ->
                Expect.isTrue (stops [ 0L; 1L; 600_000L ] |> isPaused 600_001L) "ten minutes"
                Expect.isFalse (stops [ 0L; 1L; 600_001L ] |> isPaused 600_002L) "and one millisecond")
            testCase "the pause is over at its very end, and the row begins anew" (fun () ->
                let s = stops [ 1L; 2L; 3L ]
                Expect.isTrue (isPaused 600_002L s) "the last moment"
                Expect.isFalse (isPaused 600_003L s) "ten minutes after the third"
                let again = s.Ended(Instant.OfMs 600_004L, LeftBy.Stop, loss)
                Expect.isFalse (isPaused 600_005L again) "one more is the first of a row")
            testCase "a gain, or another way out, breaks the row" (fun () ->
                for by, net in [ LeftBy.Stop, Usd.Of 0L; LeftBy.TimeStop, Usd.Of 1L; LeftBy.Other, loss ] do
                    let s =
                        after
                            [
                                1L, LeftBy.Stop, loss
                                2L, LeftBy.TimeStop, loss
                                3L, by, net
                                4L, LeftBy.Stop, loss
                                5L, LeftBy.Stop, loss
                            ]

                    Expect.isFalse (isPaused 6L s) $"{by} with {net.Raw}")
            testCase "with a count of 0 nothing pauses" (fun () ->
                let s =
                    [ 1L .. 9L ]
                    |> List.fold
                        (fun (s: StopOuts) ms -> s.Ended(Instant.OfMs ms, LeftBy.Stop, loss))
                        (StopOuts.Start { config with Count = 0 })

                Expect.isFalse (isPaused 10L s) "never")
            testCase "how long entries paused is told, to the end of the data at most" (fun () ->
                let trail = trailOf [ "risk.stop_outs_pause_s", "60" ]

                match third (losing [ "risk.stop_outs_pause_s", "60" ]), Seq.toList trail.Pauses with
                | Some last, first :: _ ->
                    let length: Duration = first.To - first.From
                    Expect.isGreaterThanOrEqual first.From.Ns last.Exit.Ns "from the third stop-out on"
                    Expect.isLessThan length.Seconds 60.001 "a minute"

                    Expect.equal
                        (Seq.length (Seq.filter (fun (p: EntryPause) -> p.To.Ns > trail.LastAt.Ns) trail.Pauses))
                        0
                        "not past the end"

                    let text = Remarks.pauseText trail.Pauses first.From trail.LastAt
                    Expect.stringContains text " s: from 20" "from and until"

                    let until =
                        trail.Gauges
                        |> Seq.pick (fun struct (k, v) -> if k = "paused_until" then Some v else None)

                    Expect.isGreaterThan until 0.0 "a gauge"
                    Expect.equal trail.Remarks.Counts["pause.stop_outs"] trail.Pauses.Length "one remark a pause"
                | _ -> failtest "no pause"

                let never = trailOf [ "risk.stop_outs", "0" ]
                Expect.equal (Remarks.pauseText never.Pauses (Instant.OfMs 0L) never.LastAt) "never" "none")
            testCase "a run enters no more after the third, and goes on when the pause is over" (fun () ->
                let free = losing [ "risk.stop_outs", "0" ]

                match third (losing []) with
                | None -> failtest "no row of three"
                | Some last ->
                    Expect.equal
                        (List.last (losing [])).Exit.Ns
                        last.Exit.Ns
                        "nothing after it, to the end of the data"

                let short = losing [ "risk.stop_outs_pause_s", "60" ]

                match third short with
                | None -> failtest "no row of three"
                | Some last ->
                    let later = short |> List.filter (fun t -> t.Entry.Ns > last.Exit.Ns)
                    Expect.isNonEmpty later "it went on"
                    let silent: Duration = later.Head.Entry - last.Exit
                    Expect.isGreaterThanOrEqual silent.Milliseconds 60_000.0 "after the pause"
                    Expect.isLessThan short.Length free.Length "and missed some")
        ]
