/// What the venue is asked about orders and accounts, and what the core is told of the answers.
module Vrlg.Wire.Questions

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Core
open Vrlg.Wire.Keys

let private reply (text: string) =
    RestReply(RestOutcome.Answered, ReadOnlyMemory(Encoding.UTF8.GetBytes text), "")

let private statusOf (status: string) (left: string) (at: int64) =
    let cloid = string { Run = 7L; N = 3L }

    reply
        $"""{{"status":"order","order":{{"order":{{"coin":"BTC","side":"B","limitPx":"100.0","sz":"{left}","oid":9,"timestamp":1,"triggerCondition":"N/A","isTrigger":false,"triggerPx":"0.0","children":[],"isPositionTpsl":false,"reduceOnly":false,"orderType":"Limit","origSz":"0.5","tif":"Alo","cloid":"{cloid}"}},"status":"{status}","statusTimestamp":{at}}}}}"""

/// Questions over answers that are in our hands.
type private Desk() =
    let hands = Hands()
    let clock = RunClock hands
    let venue = VenueClock clock
    let told = ResizeArray<Event>()
    let asked = ResizeArray<string>()
    let answers = Dictionary<string, RestReply>()
    let looks = Queue<TaskCompletionSource<string | null>>()

    let rest =
        { new IVenueRest with
            member _.AskAsync(kind, _, _, _) =
                asked.Add kind

                match answers.TryGetValue kind with
                | true, r -> Task.FromResult r
                | _ -> Task.FromResult(RestReply(RestOutcome.Unknown, ReadOnlyMemory.Empty, "nobody"))

            member _.ActAsync(_, _, _, _) = failwith "no action"
        }

    let sink =
        { new IEventSink with
            member _.Take(all, _) =
                for e in all do
                    told.Add e

                true
        }

    let coins = AccountCoins(account, [ AccountCoin("BTC", InstrumentId.Of 0, null) ])

    let budget = ActionBudget 100L

    let look (_: CancellationToken) : Task<string | null> =
        let source = TaskCompletionSource<string | null>()
        looks.Enqueue source
        source.Task

    let questions =
        VenueQuestions(
            QuestionParts(
                rest,
                account,
                look,
                venue,
                budget,
                AccountFeed(AccountId.Of 0, 7L),
                AccountCodec coins,
                sink,
                clock
            )
        )

    member _.Hands = hands
    member _.Venue = venue
    member _.Budget = budget
    member _.Told = told
    member _.Asked = asked
    member _.Answers = answers
    member _.Looks = looks
    member _.Questions = questions

    member d.Query() =
        questions.QueryAsync(InstrumentId.Of 0, { Run = 7L; N = 3L }, CancellationToken.None).Wait()

    member _.Replies =
        [
            for e in told do
                match e.Rare with
                | ValueSome(RareEvent.Replied r) -> e.VenueAt.Ns, r.Answer
                | _ -> ()
        ]

let private now = 1_790_000_000_000L

let tests =
    testList
        "questions to the venue"
        [
            testCase "not known: as of the block time that was heard before the question" (fun () ->
                let d = Desk()
                d.Venue.Heard(now - 40L)
                d.Answers["orderStatus"] <- reply """{"status":"unknownOid"}"""
                d.Query()

                match d.Replies with
                | [ at, Answer.NotKnown ] -> Expect.equal at ((now - 40L) * 1_000_000L) "the block time"
                | other -> failtestf "%A" other

                Expect.equal (List.ofSeq d.Asked) [ "orderStatus" ] "one question")
            testCase "after a second of silence the time is asked for first" (fun () ->
                let d = Desk()
                d.Venue.Heard now
                d.Hands.Now <- d.Hands.Now.AddMilliseconds 1_500.0
                d.Answers["orderStatus"] <- reply """{"status":"unknownOid"}"""

                d.Answers["exchangeStatus"] <- reply $"""{{"time":{now + 1_400L},"specialStatuses":null}}"""

                d.Query()
                Expect.equal (List.ofSeq d.Asked) [ "exchangeStatus"; "orderStatus" ] "two questions"

                match d.Replies with
                | [ at, Answer.NotKnown ] -> Expect.equal at ((now + 1_400L) * 1_000_000L) "that time"
                | other -> failtestf "%A" other)
            testCase "a status becomes what the account's feed would have said; no answer is no event" (fun () ->
                for status, left, expected in
                    [
                        "open", "0.5", Answer.Accepted 9L
                        "filled", "0.0", Answer.Ended(OrderStatus.Filled, ValueSome(Sz.Of 50_000_000L))
                        "canceled", "0.2", Answer.Ended(OrderStatus.Cancelled "canceled", ValueSome(Sz.Of 30_000_000L))
                        "badAloPxRejected", "0.5", Answer.Refused(OrderStatus.Rejected "badAloPxRejected")
                    ] do
                    let d = Desk()
                    d.Venue.Heard now
                    d.Answers["orderStatus"] <- statusOf status left now
                    d.Query()

                    match d.Replies with
                    | [ _, answer ] -> Expect.equal $"%A{answer}" $"%A{expected}" status
                    | other -> failtestf "%A" other

                let d = Desk()
                d.Venue.Heard now
                d.Query()
                d.Answers["orderStatus"] <- reply "<html>"
                d.Query()
                Expect.equal d.Told.Count 0 "nothing")
            testCase "one look at a time; what is asked for meanwhile is one more" (fun () ->
                let d = Desk()
                let said = ResizeArray<string>()
                d.Questions.add_Said (fun s -> said.Add s)
                let first = d.Questions.LookAsync CancellationToken.None
                let second = d.Questions.LookAsync CancellationToken.None
                let third = d.Questions.LookAsync CancellationToken.None
                Expect.equal d.Looks.Count 1 "one"
                Expect.isTrue (second.IsCompleted && third.IsCompleted) "nobody waits for it"
                d.Looks.Dequeue().SetResult null
                Expect.isTrue (SpinWait.SpinUntil((fun () -> d.Looks.Count = 1), 60_000)) "one more"
                d.Looks.Dequeue().SetResult "nobody answered"
                first.Wait()
                Expect.equal (List.ofSeq said) [ "the account was not told: nobody answered" ] "a sentence"
                d.Questions.LookAsync CancellationToken.None |> ignore<Task>
                Expect.equal d.Looks.Count 1 "and again")
            testCaseTask "the time is asked for until it is known well enough" (fun () ->
                task {
                    let hands = Hands()
                    let clock = RunClock hands
                    let venue = VenueClock clock
                    let waits = Queue<float>([ 1_500.0; 900.0; 30.0; 30.0 ])

                    let rest =
                        { new IVenueRest with
                            member _.AskAsync(_, _, _, _) =
                                let told = hands.Now.ToUnixTimeMilliseconds()
                                hands.Now <- hands.Now.AddMilliseconds(waits.Dequeue())
                                Task.FromResult(reply $"""{{"time":{told},"specialStatuses":null}}""")

                            member _.ActAsync(_, _, _, _) = failwith "no action"
                        }

                    let! struct (why, _) = rest.SettleTimeAsync(venue, clock, CancellationToken.None)
                    Expect.isNull why "known"
                    Expect.equal waits.Count 2 "by the second answer, or the one after it"
                })
            testCase "the allowance is the venue's" (fun () ->
                let d = Desk()

                d.Answers["userRateLimit"] <-
                    reply """{"cumVlm":"10.0","nRequestsUsed":400,"nRequestsCap":10010,"nRequestsSurplus":5}"""

                Expect.isTrue (d.Questions.BudgetAsync(CancellationToken.None).Result) "told"
                Expect.equal d.Budget.Left 9_615L "what is left"
                d.Budget.Spend 9_600
                Expect.equal d.Budget.Left 15L "less what was sent"
                Expect.isNotNull (d.Budget.Refusal()) "nothing opens")
        ]
