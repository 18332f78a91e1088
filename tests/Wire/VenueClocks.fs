/// The venue's time: bounds from messages and questions, and when nothing opens.
module Vrlg.Wire.VenueClocks

open System
open Expecto
open Expecto.ExpectoFsCheck
open FsCheck
open FsCheck.FSharp
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Wire.Keys

let private ms (n: int64) = Duration.OfMs n

/// What reaches us of a venue whose clock is ahead by so much: after so long a pause, a word that is so old, by a question that took so
/// long before and after it was answered with the time of a block that was no older than blocks are.
type private Word =
    {
        Pause: int64
        Age: int64
        Question: (int64 * int64) option
    }

let private words: Gen<Word list> =
    let word =
        gen {
            let! pause = Gen.choose64 (0L, 5_000L)
            let! age = Gen.choose64 (0L, 2_000L)
            let! there = Gen.choose64 (0L, 800L)
            let! back = Gen.choose64 (0L, 800L)
            let! isQuestion = Gen.elements [ true; false; false ]

            return
                {
                    Pause = pause
                    Age = age
                    Question = if isQuestion then Some(there, back) else None
                }
        }

    Gen.listOf word

/// The bounds after all of it, and the instant of the last word.
let private hear (ahead: int64) (all: Word list) : struct (VenueBounds * int64) =
    let mutable now = 1_790_000_000_000L
    let mutable bounds = VenueBounds()

    for w in all do
        now <- now + w.Pause

        match w.Question with
        | Some(there, back) ->
            let sent = now
            now <- now + there + back

            bounds <-
                bounds.Asked(Instant.OfMs(sent + there + ahead - w.Age % 251L), Instant.OfMs sent, Instant.OfMs now)
        | None -> bounds <- bounds.Heard(Instant.OfMs(now + ahead - w.Age), Instant.OfMs now)

    struct (bounds, now)

let private at (bounds: VenueBounds) (now: int64) =
    let mutable least = ms 0L
    let mutable most = ms 0L

    if bounds.TryAt(Instant.OfMs now, &least, &most) then
        Some(least.Ns, most.Ns)
    else
        None

let private config =
    { FsCheckConfig.defaultConfig with
        maxTest = 300
    }

let private law (name: string) (holds: Word list -> int64 -> bool) =
    testPropertyWithConfig config name (fun () ->
        Prop.forAll (Arb.fromGen (Gen.zip words (Gen.choose64 (-4_000L, 4_000L)))) (fun (all, ahead) ->
            holds all ahead))

let private clock () =
    let hands = Hands()
    let run = RunClock hands
    struct (hands, run, VenueClock run)

let private pass (hands: Hands) (n: int64) =
    hands.Now <- hands.Now.AddMilliseconds(float n)

let tests =
    testList
        "the venue's clock"
        [
            law "the truth lies between the bounds, whatever was heard" (fun all ahead ->
                let struct (bounds, now) = hear ahead all

                match at bounds (now + 500L) with
                | None -> not (all |> List.exists (fun w -> w.Question.IsSome && all.Length = 1))
                | Some(least, most) -> least <= ahead * 1_000_000L && ahead * 1_000_000L <= most)
            law "after a question the bounds are no wider than its round trip and a block" (fun all ahead ->
                let last =
                    {
                        Pause = 0L
                        Age = 0L
                        Question = Some(30L, 50L)
                    }

                let struct (bounds, now) = hear ahead (all @ [ last ])

                match at bounds now with
                | None -> false
                | Some(least, most) -> most - least <= 330_000_000L)
            law "bounds are forgotten" (fun all ahead ->
                let struct (bounds, now) = hear ahead all
                at bounds (now + 60_001L) = None)
            law "a clock that was set is believed at the next question" (fun all ahead ->
                let struct (bounds, now) = hear ahead all
                let sent, received = now + 10L, now + 40L
                let moved = ahead + 30_000L

                let after =
                    bounds.Asked(Instant.OfMs(sent + moved), Instant.OfMs sent, Instant.OfMs received)

                match at after received with
                | None -> false
                | Some(least, most) -> least <= moved * 1_000_000L && moved * 1_000_000L <= most)
            testCase "nothing opens before the time is known, nor beyond a second" (fun () ->
                let struct (hands, run, venue) = clock ()
                let now () = hands.Now.ToUnixTimeMilliseconds()
                Expect.stringContains (string (venue.Refusal())) "not known" "at the start"
                venue.Heard(now ())
                Expect.stringContains (string (venue.Refusal())) "not known" "a bound from below is not enough"

                let ask ahead =
                    let sent = run.Now
                    pass hands 100L
                    venue.Asked(sent, now () - 50L + ahead)

                for ahead, words in
                    [
                        0L, ""
                        690L, ""
                        0L, ""
                        710L, "between"
                        1_100L, "ahead"
                        -940L, ""
                        0L, ""
                        -960L, "between"
                        -1_310L, "behind"
                    ] do
                    ask ahead

                    match venue.Refusal() with
                    | null -> Expect.equal words "" $"{ahead} ms ahead opens"
                    | why ->
                        Expect.isTrue (words <> "") $"{ahead}: {why}"
                        Expect.stringContains why words $"{ahead} ms"

                ask 0L
                let mutable time, error = Instant.Of 0L, ms 0L
                Expect.isTrue (venue.TryNow(&time, &error)) "known"
                Expect.equal error.Ns 175_000_000L "half of the round trip and a block"
                Expect.equal time.Ns ((now () + 125L) * 1_000_000L) "in the middle"
                pass hands 61_000L
                Expect.stringContains (string (venue.Refusal())) "not known" "an hour-old word says nothing")
            testCase "the newest block time stands, a time far ahead of all is no time" (fun () ->
                let struct (hands, _, venue) = clock ()
                let now = hands.Now.ToUnixTimeMilliseconds()
                Expect.equal venue.Silence.Ns Int64.MaxValue "nothing yet"

                for t in [ now; now - 10L; now + 61_000L; Int64.MaxValue; 0L; -5L ] do
                    venue.Heard t

                Expect.equal venue.LastHeard.Ns (now * 1_000_000L) "the newest that can be"
                pass hands 700L
                Expect.equal venue.Silence.Ns 700_000_000L "since")
            testCase "the run's clock goes only forward, by the steady clock" (fun () ->
                let hands = Hands()
                let run = RunClock hands
                let first = run.Now
                pass hands 250L
                Expect.equal (run.Now - first).Ns 250_000_000L "a quarter of a second")
        ]
