/// The rows of hyperliquid-protocol.md 10.6 about requests and connections (see Choices.fs).
module Vrlg.Wire.AnswerChoices

open System.Collections.Immutable
open System.Text
open System.Threading
open Expecto
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Wire.Choices

let private utf8 (text: string) =
    System.ReadOnlyMemory(Encoding.UTF8.GetBytes text)

let private answers =
    [
        testCaseTask "unknown coin, dex, address: null, [], 422, 500" (fun () ->
            task {
                decoded Info.L2Book "null" |> ignore

                Expect.equal
                    (decoded Info.OpenOrders "[]" :?> Rows<Vrlg.Adapters.Hyperliquid.Wire.ListedOrder>).Count
                    0
                    "no orders"

                let no = Requests.answer "422 Unprocessable Entity" "Failed to deserialize"
                let down = Requests.answer "500 Internal Server Error" "null"

                do!
                    Requests.server [ no ] (fun network taken ->
                        task {
                            use rest = Requests.client network
                            let! said = rest.AskAsync("l2Book", utf8 "{}", false, CancellationToken.None)
                            Expect.equal said.Outcome RestOutcome.NotTaken said.Why
                            Expect.equal (taken ()) 1 "not asked again"
                        })

                do!
                    Requests.server [ down; Requests.answer "200 OK" "null" ] (fun network taken ->
                        task {
                            use rest = Requests.client network
                            let! said = rest.AskAsync("l2Book", utf8 "{}", false, CancellationToken.None)
                            Expect.equal said.Outcome RestOutcome.Answered said.Why
                            Expect.equal (taken ()) 2 "asked again"
                        })
            })
        testCaseTask "malformed input: any content type outside 200" (fun () ->
            task {
                for kind in
                    [
                        "text/plain"
                        "text/html"
                        "application/json"
                        "application/json; charset=utf-8"
                    ] do
                    let said =
                        Requests.answer "429 Too Many Requests" "null"
                        |> Option.map (fun t -> t.Replace("application/json", kind))

                    do!
                        Requests.server [ said ] (fun network _ ->
                            task {
                                use rest = Requests.client network
                                let! said = rest.ActAsync(utf8 "{}", 1, false, CancellationToken.None)
                                Expect.equal said.Outcome RestOutcome.NotTaken $"{kind}: {said.Why}"
                            })
            })
        testCase "dex scope: more or less, filter by coin" (fun () ->
            let other = (update 501 "1.0" "open").Replace("BTC", "xyz:GOLD")
            let spot = (update 501 "1.0" "open").Replace("\"BTC\"", "\"@9999\"")

            Expect.equal
                (told [ updates [ other; spot; update 501 "1.0" "open" ] ])
                [ "accepted 501" ]
                "what the run has"

            Expect.equal (told [ updates [] ]) [] "nothing")
        testCase "post: either" (fun () ->
            let posted payload =
                match message ("""{"channel":"post","data":{"id":7,"response":""" + payload + "}}") with
                | :? StreamMessage.Posted as p -> p.Reply
                | other -> failtestf "%O" other

            let mutable answer: ExchangeReply | null = null
            let mutable error: WireError | null = null
            let whole = posted ("""{"type":"action","payload":""" + err "no" + "}")
            Expect.isTrue (whole.TryAction(&answer, &error)) "an action's"
            Expect.equal (string answer) (string (ExchangeReply.Failed "no")) "its words"
            let text = posted """{"type":"error","payload":"422 Failed to deserialize"}"""
            Expect.isFalse (text.TryAction(&answer, &error)) "a text"
            Expect.stringContains (string error) "422 Failed to deserialize" "its words")
        testCase "exceeded WebSocket limits: any text or code, back off" (fun () ->
            for text in
                [
                    "Cannot track more than 10 total users."
                    "too many pending post requests id=7"
                    "tomorrow's words"
                ] do
                match message ($$"""{"channel":"error","data":"{{text}}"}""") with
                | :? StreamMessage.Refused as r -> Expect.equal r.Text text "told"
                | other -> failtestf "%O" other

            let rules =
                FeedRules(ImmutableArray.Create(FeedChannel("bbo BTC", ChannelManner.OnEvents)))

            // Refused at the door or closed with whatever code: no other before a pause, and longer ones.
            let mutable state = FeedMachine.Start(rules, 0L)
            let mutable now = 0L
            let pauses = ResizeArray<int64>()

            let step input =
                let struct (next, output) = FeedMachine.Step(rules, state, now, input)
                state <- next
                output

            for _ in 1..4 do
                while not (step (FeedInput.Ticked 0.0) |> Seq.exists (fun o -> o :? FeedOutput.Connect)) do
                    now <- now + 1L

                step (FeedInput.Closed(state.Connection, 0.0)) |> ignore
                pauses.Add(state.RetryAt - now)

            Expect.isGreaterThan pauses[0] 0L "a pause"

            for i in 1..3 do
                Expect.isGreaterThan pauses[i] pauses[i - 1] "a longer one")
        testCase "userAbstraction: disabled" (fun () ->
            for word in [ "default"; "disabled"; "unifiedAccount"; "tomorrow" ] do
                Expect.equal (string (decoded Info.UserAbstraction $"\"{word}\"")) word word)
    ]

let tests = testSequenced (testList "choices of answers" answers)
