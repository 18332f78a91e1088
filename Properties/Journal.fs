module Vrlg.Properties.Journal

open System
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private header: JournalHeader =
    {
        Format = Journal.Format
        Segment = 1
        Build = "b"
        Runtime = "r"
        Processor = "p"
        Run = 1L
        Setup = "[symbol]\nname = \"BTC\"\n"
        SetupHash = "00"
        Facts = ImmutableArray.Create<struct (string * string)>(struct ("a", "b"))
    }

/// Everything a hostile run hears and says, as a journal keeps it.
let private record (all: Hostile.Happening list) : byte[] =
    let sink = ByteSink()
    Journal.appendHeader sink header
    let mutable digest = Digest.start
    let mutable events = 0L
    let mutable commands = 0L
    let start = Engine.own (Engine.create Hostile.config Hostile.desks)

    let last =
        Hostile.driveFrom start all (fun input output state ->
            Journal.append sink &input
            events <- events + 1L

            if not output.IsSilent then
                digest <- Digest.output digest &output
                commands <- commands + int64 output.Commands.Length
                Journal.appendOutput sink digest (Words.output &output)

            if events % Journal.StateEvery = 0L then
                Journal.appendState sink (Digest.state state))

    Journal.appendEnd
        sink
        {
            Events = events
            Commands = commands
            OutputDigest = digest
            StateDigest = Digest.state last
        }

    sink.Written.ToArray()

/// Reads all records; an error names what was wrong.
let private readAll (bytes: byte[]) : Result<JournalRecord list, string> =
    let rec go at found =
        match Journal.read (ReadOnlySpan bytes) at with
        | JournalRead.Record(record, next) -> go next (record :: found)
        | JournalRead.Nothing -> Ok(List.rev found)
        | JournalRead.Torn -> Error "torn"
        | JournalRead.Corrupt what -> Error what

    go 0 []

let private fold (records: JournalRecord list) =
    let replayer = Replayer(Hostile.config, Hostile.desks)

    records
    |> List.tryPick (fun r ->
        match replayer.Feed r with
        | ValueSome d -> Some d
        | ValueNone -> None)

/// What the replay of altered records says first.
let private says records =
    match fold records with
    | Some d -> d.What
    | None -> "identical"

/// A long run: two digests of the state, and many events that say nothing.
let private long =
    lazy
        (match readAll (record (List.replicate 9_000 Hostile.Beat)) with
         | Ok records -> records
         | Error what -> failtest what)

/// The place of the `n`-th event that is followed by another event, so that it said nothing.
let private quiet (n: int) (records: JournalRecord list) =
    records
    |> List.pairwise
    |> List.indexed
    |> List.choose (fun (i, pair) ->
        match pair with
        | JournalRecord.Event _, JournalRecord.Event _ -> Some i
        | _ -> None)
    |> List.item n

let private firstState records =
    records
    |> List.findIndex (fun r ->
        match r with
        | JournalRecord.State _ -> true
        | _ -> false)

let private swapped i (records: JournalRecord list) =
    records |> List.updateAt i records[i + 1] |> List.updateAt (i + 1) records[i]

let private another (change: JournalHeader -> JournalHeader) : JournalRecord =
    JournalRecord.Header(change { header with Segment = 2 })

let private ended records =
    records
    |> List.exists (fun r ->
        match r with
        | JournalRecord.End _ -> true
        | _ -> false)

let tests =
    testList
        "the journal"
        [
            lawN 200 "replays to what was recorded" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    match readAll (record all) with
                    | Ok records -> ended records && (fold records).IsNone
                    | Error _ -> false))
            lawN 200 "written again from what was read is the same bytes" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let bytes = record all

                    match readAll bytes with
                    | Error _ -> false
                    | Ok records ->
                        let sink = ByteSink()

                        for r in records do
                            match r with
                            | JournalRecord.Header h -> Journal.appendHeader sink h
                            | JournalRecord.Event input -> Journal.append sink &input
                            | JournalRecord.Output(digest, lines) -> Journal.appendOutput sink digest lines
                            | JournalRecord.State digest -> Journal.appendState sink digest
                            | JournalRecord.End e -> Journal.appendEnd sink e

                        sink.Written.SequenceEqual(ReadOnlySpan bytes)))
            lawN 200 "with any byte flipped is never taken for the same run" (fun () ->
                let drawn =
                    Gen.zip Hostile.happenings.Generator (Gen.zip (Gen.choose (0, 1_000_000)) (Gen.choose (1, 255)))

                Prop.forAll (Arb.fromGen drawn) (fun (all, (place, change)) ->
                    let bytes = record all
                    bytes[place % bytes.Length] <- bytes[place % bytes.Length] ^^^ byte change

                    match readAll bytes with
                    | Error _ -> true
                    | Ok records -> not (ended records) || (fold records).IsSome))
            lawN 200 "cut anywhere is torn or has no end" (fun () ->
                let drawn = Gen.zip Hostile.happenings.Generator (Gen.choose (1, 1_000_000))

                Prop.forAll (Arb.fromGen drawn) (fun (all, cut) ->
                    let bytes = record all
                    let kept = bytes[.. bytes.Length - 2 - cut % (bytes.Length - 1)]

                    match readAll kept with
                    | Error "torn" -> true
                    | Error _ -> false
                    | Ok records -> not (ended records)))
            lawN 100 "of another run names its first differing event" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    match readAll (record all) with
                    | Error _ -> false
                    | Ok records ->
                        let said =
                            records
                            |> List.tryFindIndex (fun r ->
                                match r with
                                | JournalRecord.Output _ -> true
                                | _ -> false)

                        match said with
                        | None -> true
                        | Some i ->
                            let forged =
                                records
                                |> List.mapi (fun k r ->
                                    match r with
                                    | JournalRecord.Output(d, lines) when k = i ->
                                        JournalRecord.Output(d, lines.Add "forged")
                                    | other -> other)

                            let event =
                                records
                                |> List.take i
                                |> List.rev
                                |> List.pick (fun r ->
                                    match r with
                                    | JournalRecord.Event e -> Some e.Seq
                                    | _ -> None)

                            match fold forged with
                            | Some d -> d.Seq = event && d.Recorded.Contains "forged"
                            | None -> false))
            testCase "altered with right checksums says what was altered" (fun () ->
                let records = long.Value
                let q = quiet 50 records
                let state = firstState records

                let kill =
                    JournalRecord.Event(
                        Stamped(
                            9_004L,
                            at 9_000_000L,
                            Event.Of(RareEvent.Operator(OperatorOrder.Kill "forged"), at 9_000_000L)
                        )
                    )

                let late r =
                    match r with
                    | JournalRecord.Event e -> JournalRecord.Event(Stamped(e.Seq, at 1L, e.Event))
                    | other -> other

                let segment = List.insertAt (q + 1)
                Expect.equal (says records) "identical" "as it was"
                Expect.equal (says (segment (another (fun h -> h)) records)) "identical" "in two segments"

                for what, sentence, altered in
                    [
                        "two quiet events swapped", "in another order", swapped q records
                        "an event twice", "repeated", records |> List.insertAt q records[q]
                        "an event over another", "missing", records |> List.updateAt q records[q + 1]
                        "an event left out", "missing", records |> List.removeAt q
                        "the first event left out", "missing", records |> List.removeAt 1
                        "a time set back", "its time was changed", records |> List.updateAt q (late records[q])
                        "an event after the end", "goes on after its end", records @ [ kill ]
                        "a second end", "goes on after its end", records @ [ List.last records ]
                        "a digest of the state left out", "no digest of the state", records |> List.removeAt state
                        "a digest twice", "where none belongs", records |> List.insertAt state records[state]
                        "a digest early", "where none belongs", records |> List.insertAt q records[state]
                        "an output of nothing",
                        "an output where this replay has none",
                        records
                        |> List.insertAt (q + 1) (JournalRecord.Output(Digest.start, ImmutableArray.Empty))
                        "a segment twice", "segment 1", segment (JournalRecord.Header header) records
                        "a segment of another run",
                        "run number",
                        segment (another (fun h -> { h with Run = 2L })) records
                        "of other settings", "settings", segment (another (fun h -> { h with Setup = "" })) records
                        "of another hash", "settings", segment (another (fun h -> { h with SetupHash = "1" })) records
                        "of another build", "build", segment (another (fun h -> { h with Build = "c" })) records
                        "of another machine", "machine", segment (another (fun h -> { h with Runtime = "c" })) records
                        "of other facts",
                        "facts",
                        segment (another (fun h -> { h with Facts = ImmutableArray.Empty })) records
                        "a first header of another run",
                        "the header names",
                        records |> List.updateAt 0 (JournalRecord.Header { header with Run = 2L })
                    ] do
                    Expect.stringContains (says altered) sentence what)
            law "believes no count that its bytes cannot hold" (fun () ->
                let counts =
                    Gen.oneof
                        [
                            Gen.elements
                                [
                                    1L <<< 62
                                    (1L <<< 62) + int64 Int32.MaxValue
                                    Int64.MaxValue
                                    Int64.MaxValue / 2L + 1L
                                    Int64.MinValue
                                    -1L
                                ]
                            Gen.choose64 (3L, Int64.MaxValue)
                        ]

                Prop.forAll (Arb.fromGen (Gen.zip counts (Gen.elements [ true; false ]))) (fun (count, inBids) ->
                    let sink = ByteSink()
                    sink.Byte(byte EventKind.BookMoved)
                    sink.Byte 0uy
                    sink.Byte 0uy

                    for _ in 1..4 do
                        sink.Int 0L

                    sink.Int 20L

                    if not inBids then
                        sink.Int 0L

                    sink.Int count
                    sink.Int 1L
                    sink.Int 1L

                    if inBids then
                        sink.Int 0L

                    ValueOption.isNone (Codec.get sink.Written)))
            testCase "takes an event whose lists were never made for one with empty lists" (fun () ->
                let nothing: ImmutableArray<PxSz> = Unchecked.defaultof<_>

                let facts: AccountFacts =
                    {
                        Account = AccountId.Of 0
                        Cash = Usd.Of 1L
                        Positions = Unchecked.defaultof<_>
                        Open = Unchecked.defaultof<_>
                    }

                for event in
                    [
                        Event.BookMoved(InstrumentId.Of 0, Depth(20, nothing, nothing), at 1L)
                        Event.Of(RareEvent.AccountSeen facts, at 1L)
                    ] do
                    let sink = ByteSink()
                    let input = Stamped(0L, at 1L, event)
                    Codec.put sink &input
                    Expect.isTrue (ValueOption.isSome (Codec.get sink.Written)) "written and read")
        ]
