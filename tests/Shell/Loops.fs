/// The inbox and the loop of a live run.
module Vrlg.ShellTests.Loops

open System
open System.Collections.Immutable
open System.IO
open Expecto
open Vrlg.Adapters
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Shell.Live
open Vrlg.Sim

/// A clock that stands where it is put.
type private Hands() =
    inherit TimeProvider()
    member val Ms = 1_790_000_000_050L with get, set

    override h.GetUtcNow() =
        DateTimeOffset.FromUnixTimeMilliseconds h.Ms

    override _.TimestampFrequency = 1_000L
    override h.GetTimestamp() = h.Ms

/// Writes down what it sees, and hands it on.
type private Eye(next: IWatch) =
    member val Seen = ResizeArray<string>()

    interface IWatch with
        member e.Arrived input =
            let ms = input.At.Ns / 1_000_000L - 1_790_000_000_000L
            e.Seen.Add $"{input.Seq} {input.Event.Kind} {ms}"
            next.Arrived &input

        member _.Stepped(input, output, state) = next.Stepped(&input, &output, state)
        member _.Executed(report, exchange) = next.Executed(&report, exchange)
        member _.Beat(at, exchange) = next.Beat(at, exchange)

let private setup: RunSetup =
    let values =
        match Setup.ofPairs ImmutableArray.Empty with
        | Ok v -> v
        | Error _ -> failtest "the defaults"

    {
        Values = values
        Instrument = Yardstick.instrument
    }

type private Rig =
    {
        Hands: Hands
        Inbox: Inbox
        Loop: EngineLoop
        Eye: Eye
        Writer: JournalWriter
        Acts: ResizeArray<string>
    }

    member r.Pass(ms: int64) = r.Hands.Ms <- r.Hands.Ms + ms
    member r.Now = Instant.OfMs r.Hands.Ms

    member r.Tell(events: Event list) =
        r.Inbox.Take(ReadOnlySpan(List.toArray events), r.Now)

let private inRig (capacity: int) (f: string -> Rig -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-loop-").FullName

    try
        let hands = Hands()
        let inbox = new Inbox(capacity, 8)
        use writer = new JournalWriter(folder, JournalHeaders.Of(setup, 7L))
        let eye = Eye writer
        let acts = ResizeArray<string>()

        let loop =
            EngineLoop(
                Setup.engine setup,
                Setup.desks setup,
                inbox,
                eye,
                RunClock hands,
                CarryOut =
                    (fun commands ->
                        for c in commands do
                            acts.Add(Words.command c)),
                Written =
                    (fun () ->
                        writer.Flush()
                        acts.Add "written")
            )

        f
            folder
            {
                Hands = hands
                Inbox = inbox
                Loop = loop
                Eye = eye
                Writer = writer
                Acts = acts
            }
    finally
        Directory.Delete(folder, true)

let private touch (bid: int64) =
    let at (raw: int64) : PxSz =
        {
            Px = Px.Of(raw * 100_000_000L)
            Sz = Sz.Of 100_000_000L
        }

    Event.BboMoved(InstrumentId.Of 0, ValueSome(at bid), ValueSome(at (bid + 5L)), Instant.Of 0L)

/// The same as a part of a message that goes on.
let private part (bid: int64) =
    let whole = touch bid
    whole.AsPart()

let private account (position: int64) (loose: Cloid list) =
    let facts: AccountFacts =
        {
            Account = AccountId.Of 0
            Cash = Usd.Of(10_000L * 100_000_000L)
            Positions =
                ImmutableArray.Create<HeldPosition>(
                    {
                        Instrument = InstrumentId.Of 0
                        Position = Sz.Of position
                        AvgPx = Px.Of(100L * 100_000_000L)
                    }
                )
            Open =
                ImmutableArray.CreateRange(
                    loose
                    |> List.map (fun c ->
                        {
                            Instrument = InstrumentId.Of 0
                            Cloid = c
                        })
                )
        }

    Event.Of(RareEvent.AccountSeen facts, Instant.Of 0L)

let private start (r: Rig) =
    r.Loop.Start { Run = 7L; FirstCloid = 1L }

/// Every record of the journal through the engine again: where it parts, and how many events there were.
let private replayed (folder: string) : struct (string voption * int64) =
    let replayer = Replayer(Setup.engine setup, Setup.desks setup)
    let content = File.ReadAllBytes(Path.Combine(folder, JournalWriter.SegmentName 1))
    let mutable at = Journal.mark.Length
    let mutable difference = ValueNone
    let mutable goes = true

    while goes do
        match Journal.read (ReadOnlySpan content) at with
        | JournalRead.Record(record, next) ->
            match replayer.Feed record with
            | ValueSome d when difference.IsNone -> difference <- ValueSome $"event {d.Seq}: {d.What}"
            | _ -> ()

            at <- next
        | JournalRead.Nothing -> goes <- false
        | other -> failtestf "%A" other

    struct (difference, replayer.Events)

let tests =
    testList
        "a live run"
        [
            testCase "its journal is folded to the same state, whatever arrived when" (fun () ->
                inRig 1_000 (fun folder r ->
                    start r
                    r.Tell [ account 100_000_000L [] ] |> ignore<bool>
                    let random = Random 3

                    for i in 1..400 do
                        r.Pass(int64 (random.Next 180))

                        if i % 3 <> 0 then
                            r.Tell [ part (int64 (100 + random.Next 4)); touch 100L ] |> ignore<bool>

                        if i = 200 then
                            r.Loop.Order OperatorOrder.Flatten

                        r.Loop.Pump()

                    r.Writer.End r.Loop.State
                    Expect.isGreaterThan r.Acts.Count 2 "it acted"
                    let struct (difference, events) = replayed folder
                    Expect.equal difference ValueNone "nothing differs"
                    Expect.equal events r.Loop.Events "every event"))
            testCase "the heartbeat comes for every instant of the grid, after what arrived at it" (fun () ->
                inRig 100 (fun _ r ->
                    start r
                    r.Pass 50L
                    r.Tell [ touch 100L ] |> ignore<bool>
                    r.Loop.Pump()
                    r.Pass 250L
                    r.Tell [ touch 101L ] |> ignore<bool>
                    r.Pass 60L
                    r.Loop.Pump()

                    Expect.equal
                        (List.ofSeq r.Eye.Seen)
                        [
                            "0 RunStarted 50"
                            "1 BboMoved 100"
                            "2 Ticked 100"
                            "3 Ticked 200"
                            "4 Ticked 300"
                            "5 BboMoved 350"
                            "6 Ticked 400"
                        ]
                        "in this order"))
            testCase "time never goes back, though threads hand in late" (fun () ->
                inRig 100 (fun _ r ->
                    start r
                    r.Pass 70L
                    r.Loop.Pump()
                    let late = Instant.OfMs(r.Hands.Ms - 60L)
                    r.Inbox.Take(ReadOnlySpan [| touch 100L |], late) |> ignore<bool>
                    r.Loop.Pump()
                    Expect.equal (Seq.last r.Eye.Seen) "2 BboMoved 100" "as of the last step"))
            testCase "nothing opens on what a loop that is behind steps" (fun () ->
                inRig 100 (fun _ r ->
                    start r
                    Expect.isNull (r.Loop.Refusal()) "in time"
                    r.Tell [ account 100_000_000L []; touch 100L ] |> ignore<bool>
                    r.Loop.Pump()
                    r.Loop.Order OperatorOrder.Flatten
                    r.Pass 2_000L
                    Expect.isNull (r.Loop.Refusal()) "as old as a book may be"
                    r.Pass 500L
                    Expect.stringContains (string (r.Loop.Refusal())) "2500 ms behind" "a sentence"
                    r.Loop.Pump()
                    Expect.isNull (r.Loop.Refusal()) "caught up"))
            testCase "what is said is written before it is acted on" (fun () ->
                inRig 100 (fun folder r ->
                    start r
                    r.Tell [ account 100_000_000L []; touch 100L ] |> ignore<bool>
                    r.Loop.Pump()
                    r.Loop.Order OperatorOrder.Flatten
                    let first = r.Acts |> Seq.findIndex (fun a -> a.StartsWith "place")
                    Expect.equal r.Acts[first - 1] "written" "first the journal"
                    let struct (difference, events) = replayed folder
                    Expect.equal difference ValueNone "what is in the file"
                    Expect.equal events r.Loop.Events "with the event that caused it"))
            testCase "each part is let go, whatever another throws; the first trouble is answered" (fun () ->
                let gone = ResizeArray<string>()

                let part (name: string) (breaks: bool) =
                    { new IDisposable with
                        member _.Dispose() =
                            gone.Add name

                            if breaks then
                                invalidOp name
                    }

                let made =
                    System.Collections.Generic.List
                        [
                            part "key" false
                            part "socket" true
                            part "gateway" false
                            part "journal" true
                        ]

                let trouble = LettingGo.Of made
                Expect.equal (List.ofSeq gone) [ "journal"; "gateway"; "socket"; "key" ] "all, the last first"
                Expect.equal (trouble |> Option.ofObj |> Option.map _.Message) (Some "journal") "the first"
                Expect.isNull (LettingGo.Of made) "and once")
            testCase "a full inbox stops the run, and still takes what concerns orders" (fun () ->
                inRig 4 (fun _ r ->
                    start r
                    r.Tell [ account 100_000_000L []; touch 100L ] |> ignore<bool>
                    Expect.isTrue (r.Tell [ touch 101L; touch 102L ]) "up to the brim"
                    Expect.isNull r.Inbox.Trouble "all is well"
                    Expect.isFalse (r.Tell [ touch 103L ]) "no more"
                    Expect.equal r.Inbox.Count 4 "and it is left out"
                    Expect.stringContains (string r.Inbox.Trouble) "cannot keep up" "a sentence"
                    Expect.isTrue (r.Tell [ account 100_000_000L [] ]) "an account is taken"
                    r.Loop.Pump()
                    Expect.equal r.Loop.Events 7L "everything that was taken, and the word to stop"
                    Expect.isTrue r.Loop.State.Facts.Health.IsHalted "halted"
                    Expect.isTrue (r.Acts |> Seq.exists (fun a -> a.StartsWith "place")) "what is held leaves"
                    Expect.equal r.Eye.Seen[1] "1 Operator 50" "told before what waits: that is of the past"
                    Expect.isTrue (r.Tell [ touch 103L; touch 104L ]) "an exit needs prices"
                    Expect.isFalse (r.Tell [ touch 105L ]) "but the half stays free"
                    Expect.isTrue (r.Tell [ account 0L [] ]) "the account has all"
                    r.Inbox.Close()
                    Expect.isFalse (r.Tell [ account 0L [] ]) "over"))
        ]
