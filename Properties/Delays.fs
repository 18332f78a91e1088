/// The parts of delays: calendars, channels, draws, tables, the recorder's clock (simulation.md 4 and 14).
module Vrlg.Properties.Delays

open System
open System.Collections.Immutable
open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws
open Vrlg.Properties.Lookahead

let private parts =
    [
        lawN 300 "what is on its way comes out by arrival, and of equals by sending" (fun () ->
            Prop.forAll (Arb.fromGen (Gen.listOf (Gen.choose64 (0L, 20L)))) (fun times ->
                let calendar = Calendar<int>()
                times |> List.iteri (fun i t -> calendar.Enqueue(t, i))

                let out =
                    [
                        while calendar.Count > 0 do
                            calendar.HeadAt, calendar.Head
                            calendar.Dequeue()
                    ]

                out = (times |> List.indexed |> List.map (fun (i, t) -> t, i) |> List.sortBy fst)))
        lawN 300 "sampled blocks are the same walked and asked for" (fun () ->
            let draw =
                Gen.zip (Gen.nonEmptyListOf (Gen.choose64 (0L, 90L))) (Gen.listOf (Gen.choose64 (0L, 2_000L)))

            Prop.forAll (Arb.fromGen draw) (fun (gaps, arrivals) ->
                let gaps = gaps |> List.map Duration.Of |> ImmutableArray.CreateRange
                let model = BlockModel.Sampled(gaps, Instant.Of 0L, 42L)
                let clock = BlockClock model

                List.sort arrivals
                |> List.forall (fun a ->
                    match clock.ExecuteAt(Instant.Of a), BlockModel.executeAt model (Instant.Of a) with
                    | ValueSome walked, ValueSome asked -> walked.Ns = asked.Ns && asked.Ns >= a
                    | _ -> false)))
        lawN 300 "receipts and arrivals are in order, never before their cause, and on the step" (fun () ->
            let draw =
                Gen.zip (Gen.elements models) (Gen.listOf (Gen.zip (Gen.choose64 (0L, 300L)) (Gen.choose64 (0L, 1L))))

            Prop.forAll (Arb.fromGen draw) (fun ((_, latency), gaps) ->
                let d = LatencyDraws(latency, 5L, ImmutableArray.Create<Instrument> rules)
                let mutable now = 1_000_000_000L
                let mutable lastIn = 0L
                let mutable lastOut = 0L
                let mutable ok = true

                for gap, kind in gaps do
                    now <- now + gap * 1_000_000L
                    let got = d.Receive(0, now, 0L)
                    let trip = d.Command(LanguagePrimitives.EnumOfValue(byte kind), now)

                    if not trip.IsLost then
                        let arrives = d.Arrival(now, trip)
                        let step = latency.QueueStep.Ns
                        ok <- ok && arrives >= now && (step = 0L || arrives % step = 0L)
                        ok <- ok && (not latency.OrderChannelFifo || arrives >= lastOut)
                        lastOut <- arrives

                    ok <- ok && got >= lastIn && got >= now
                    lastIn <- got

                ok))
        lawN 300 "after the correction no receipt of a steady clock lies below the floor" (fun () ->
            let draw =
                Gen.zip
                    (Gen.choose64 (-90L, 90L))
                    (Gen.nonEmptyListOf (Gen.zip (Gen.choose64 (1L, 40L)) (Gen.choose64 (0L, 40L))))

            Prop.forAll (Arb.fromGen draw) (fun (offset, rows) ->
                let estimate = SkewEstimate(span 5L)
                let mutable second = 1_000L
                let all = ResizeArray<struct (int64 * int64)>()

                for gap, ingest in rows do
                    second <- second + gap
                    let at = second * 1_000_000_000L
                    all.Add(struct (at, at + (offset + ingest) * 1_000_000L))

                for struct (venueAt, recvAt) in all do
                    estimate.Add(venueAt, recvAt)

                match estimate.Finish ClockRule.Always with
                | Error _ -> true
                | Ok c ->
                    let tape =
                        MemoryTape(
                            [| for struct (v, _) in all -> v |],
                            [| for struct (_, r) in all -> r |],
                            [| for struct (v, _) in all -> Event.Ticked(Instant.Of v) |]
                        )

                    let shifted = ShiftedTape(tape, c.Shifts)

                    [ for i in 0 .. all.Count - 1 -> shifted.RecvAt i - shifted.VenueAt i ]
                    |> List.forall (fun ingest -> ingest >= 5_000_000L)))
    ]

let private checkValues =
    testCase "section 14: SplitMix64, streams and instruments" (fun () ->
        let golden = 0x9E3779B97F4A7C15UL
        let plain = [ 1UL; 2UL; 3UL ] |> List.map (fun i -> Seed.mix (i * golden))
        Expect.equal plain [ 0xE220A8397B1DCDAFUL; 0x6E789E6AA1B965F4UL; 0x06C45D188009454FUL ] "from state 0"

        let draws stream =
            [ 0L; 1L; 2L ] |> List.map (Seed.draw (Seed.key 42L stream))

        Expect.equal (draws "ingest") [ 0xF3C8955629A30378UL; 0x46BF479F124A7AF2UL; 0x0261A0CA0F36F904UL ] "ingest"

        Expect.equal
            (draws "order.entry")
            [ 0x65FC94D6B3CAAB86UL; 0xCD3B94F52DE3D2FFUL; 0xEF73D69F7B6A5A6FUL ]
            "order.entry"

        // Receipts are drawn from the stream of their instrument, by the number of the message.
        let ms n = n * 1_000_000L

        let config =
            LatencyConfig.Of(false, Delay.Uniform(span 10L, span 30L), Delay.Uniform(span 30L, span 80L), 0.5)

        let two =
            ImmutableArray.Create<Instrument>({ rules with Name = "BTC" }, { rules with Name = "ETH" })

        let d = LatencyDraws(config, 42L, two)
        let eth = Seed.between (Seed.key 42L "ingest/ETH") 0L (ms 10L) (ms 30L)
        let btc = Seed.between (Seed.key 42L "ingest/BTC") 0L (ms 10L) (ms 30L)
        Expect.equal (d.Receive(1, ms 1_000L, 0L)) (ms 1_000L + eth) "ETH's first message"
        Expect.equal (d.Receive(1, ms 1_000L, 0L)) (ms 1_000L + eth) "the same message"
        Expect.equal (d.Receive(0, ms 2_000L, 0L)) (ms 2_000L + btc) "BTC's first message"

        // Place, cancel and modify share one numbering.
        let trips =
            [ CommandKind.Place; CommandKind.Cancel; CommandKind.Modify ]
            |> List.map (fun kind -> let trip = d.Command(kind, 0L) in trip.RoundTrip)

        Expect.equal trips [ 49919267L; 70084520L; 76768066L ] "round trips")

let tests = testList "delays" (checkValues :: parts)
