/// What our client accepts where nobody knows what the venue does: a test a row of hyperliquid-protocol.md 10.6, by its name there.
/// Rows about
/// requests and connections are in AnswerChoices.fs; what the local venue does is in tests/Venue/Choices.fs.
module Vrlg.Wire.Choices

open System
open System.IO
open System.Text
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Core

let private utf8 (text: string) =
    ReadOnlyMemory(Encoding.UTF8.GetBytes text)

let decoded (shape: Shape) (text: string) : obj =
    let mutable value: obj | null = null
    let mutable error: WireError | null = null

    match shape.TryDecodeAny(utf8 text, &value, &error), value with
    | true, (NonNull value) -> value
    | _ -> failtestf "%s: %O" text error

let reply (text: string) =
    decoded Info.Exchange text :?> ExchangeReply

let message (text: string) =
    decoded Streams.Shape text :?> StreamMessage

/// What became of each of so many items.
let private items (asked: int) (answer: ExchangeReply) : string list =
    match answer with
    | :? ExchangeReply.Failed as f -> [ for _ in 1..asked -> "refused: " + f.Text ]
    | :? ExchangeReply.Statuses as s ->
        [
            for i in 0 .. asked - 1 do
                match s.StatusOf(i, asked) with
                | :? ItemStatus.Error as e -> "refused: " + e.Text
                | :? ItemStatus.Resting as r -> $"rests {r.Oid}"
                | :? ItemStatus.WaitingForFill -> "waits for its parent"
                | :? ItemStatus.WaitingForTrigger -> "waits for its price"
                | null -> "unknown"
                | other -> $"{other}"
        ]
    | other -> [ $"{other}" ]

let private ok (statuses: string) =
    """{"status":"ok","response":{"type":"order","data":{"statuses":["""
    + statuses
    + "]}}}"

let err (text: string) =
    $$"""{"status":"err","response":"{{text}}"}"""

let private refused (text: string) = $$"""{"error":"{{text}}"}"""

let private run = 7L

/// The venue's word of a status, or its kind.
let private word (status: OrderStatus) : string =
    match (string status).Split '"' with
    | [| kind |] -> kind.ToLowerInvariant()
    | parts -> parts[1]

/// What the core is told of frames of the account.
let told (frames: string list) : string list =
    let feed = AccountFeed(AccountId.Of 0, run)
    let news = AccountNews()
    let batch = EventBatch()

    [
        for frame in frames do
            let mutable error: WireError | null = null

            match AccountCodec(Mutations.coins).Read(utf8 frame, news, &error) with
            | FrameOutcome.Decoded -> feed.Take(news, batch)
            | _ -> failtestf "%s: %O" frame error

            for e in batch.Events.ToArray() do
                match e.Rare with
                | ValueSome(RareEvent.Replied r) ->
                    match r.Answer with
                    | Answer.Accepted oid -> $"accepted {oid}"
                    | Answer.Refused _ -> "refused"
                    | Answer.Ended(status, _) -> "ended " + word status
                    | Answer.Triggered -> "triggered"
                    | other -> $"{other}"
                | ValueSome(RareEvent.Filled f) -> $"fill {f.TradeId}"
                | other -> $"{other}"
    ]

let updates (rows: string list) =
    """{"channel":"orderUpdates","data":[""" + String.concat "," rows + "]}"

/// An update of our first order under a number of the venue.
let update (oid: int) (sz: string) (status: string) : string =
    AccountFeeds.order 1 sz "1.0" status oid
    |> fun row -> row.Replace("\"oid\":501", $"\"oid\":{oid}")

let private fills (isSnapshot: bool) (rows: string list) =
    let flag = if isSnapshot then "\"isSnapshot\":true," else ""

    "{\"channel\":\"userFills\",\"data\":{"
    + flag
    + "\"user\":\"0x14791697260e4c9a71f18484c9f997b308e59325\",\"fills\":["
    + String.concat "," rows
    + "]}}"

let private orders =
    [
        testCase "order of checks of one order: any text" (fun () ->
            for text in
                [
                    "Order has invalid size."
                    "Price must be divisible by tick size. asset=0"
                    "a text of tomorrow"
                ] do
                Expect.equal (items 1 (reply (ok (refused text)))) [ "refused: " + text ] text

            Expect.equal (told [ updates [ update 501 "1.0" "tomorrows" ] ]) [ "ended tomorrows" ] "a doubt"

            for word in [ "tickRejected"; "perpMarginRejected" ] do
                Expect.equal (told [ updates [ update 501 "1.0" word ] ]) [ "refused" ] word
                |> ignore)
        testCase "batch: either layer; one class per batch" (fun () ->
            let text = "Orders are empty"
            let three = List.replicate 3 ("refused: " + text)
            Expect.equal (items 3 (reply (err text))) three "the whole action"
            Expect.equal (items 3 (reply (ok (refused text)))) three "one element for all"
            let mixed = ok (refused "a" + ",{\"resting\":{\"oid\":5}},\"waitingForTrigger\"")
            Expect.equal (items 3 (reply mixed)) [ "refused: a"; "rests 5"; "waits for its price" ] "one each")
        testCase "check pipeline: nonce used or not after an err, take a new one" (fun () ->
            let folder = Path.Combine(Path.GetTempPath(), $"choices-{Guid.NewGuid()}")
            Directory.CreateDirectory folder |> ignore

            try
                let mutable trouble = ""
                let mutable address = Address()

                Address.TryParse("0x14791697260e4c9a71f18484c9f997b308e59325", &address)
                |> ignore

                match Nonces.Open(folder, address, TimeProvider.System, &trouble) with
                | null -> failtest trouble
                | nonces ->
                    use nonces = nonces

                    let next () =
                        let mutable nonce = 0UL

                        if nonces.TryNext(&nonce, &trouble) then
                            nonce
                        else
                            failtest trouble

                    let first = next ()
                    // Whatever the venue says of it, nobody asks for the same again.
                    for text in
                        [
                            $"Invalid nonce: duplicate nonce {first}"
                            "Action already expired"
                            "Vault not registered: 0x"
                        ] do
                        Expect.equal (items 1 (reply (err text))) [ "refused: " + text ] text
                        Expect.isGreaterThan (next ()) first "a new one"
            finally
                Directory.Delete(folder, true))
        testCase "texts, per order: any text, either layer" (fun () ->
            for text in
                [
                    "Invalid asset."
                    "Trading is halted."
                    "Order was never placed, already canceled, or filled."
                    "Builder fee has not been approved"
                    "something else"
                ] do
                Expect.equal (items 1 (reply (ok (refused text)))) [ "refused: " + text ] "by item"
                Expect.equal (items 1 (reply (err text))) [ "refused: " + text ] "as a whole")
        testCase "texts, err: any text" (fun () ->
            for text in
                [
                    "Invalid leverage."
                    "Insufficient margin."
                    "Invalid scheduled cancel time."
                    "words of tomorrow"
                ] do
                Expect.equal (reply (err text)) (ExchangeReply.Failed text) text

            Expect.equal
                (reply """{"status":"ok","response":{"type":"default"}}""")
                (ExchangeReply.Performed())
                "accepted")
        testCase "duplicate cloid; cloid lookup; orderStatus retention: a second order, unknownOid" (fun () ->
            Expect.equal
                (told [ updates [ update 501 "1.0" "open"; update 502 "1.0" "open" ] ])
                [ "accepted 501"; "accepted 502" ]
                "a second order of one text is told"

            let gone =
                decoded Info.OrderStatus """{"status":"unknownOid"}""" :?> OrderStatusReply

            Expect.isNull gone.Order "no answer about an old one is an answer")
        testCase "margin of open orders; leverage never set: no reserve, any leverage" (fun () ->
            let text =
                Encoding.UTF8.GetString(
                    File.ReadAllBytes(Shared.find "data/hyperliquid/responses/clearinghouseState-isolated.json")
                )

            for used, kind in
                [
                    "0.0", """{"type":"cross","value":1}"""
                    "48000.0", """{"type":"cross","value":40}"""
                    "7.525754", """{"type":"isolated","value":10,"rawUsd":"-68.1"}"""
                ] do
                let state =
                    text
                        .Replace("\"totalMarginUsed\":\"7.525754\"", $"\"totalMarginUsed\":\"{used}\"")
                        .Replace("""{"type":"isolated","value":10,"rawUsd":"-68.126246"}""", kind)

                let read = decoded Info.ClearinghouseState state :?> PerpState
                Expect.equal read.Positions.Count 1 kind)
        testCase "trigger firing: new oid, strict comparison, 10 % bound" (fun () ->
            let same =
                [
                    update 501 "1.0" "open"
                    update 501 "1.0" "triggered"
                    update 501 "0.0" "filled"
                ]

            Expect.equal (told [ updates same ]) [ "accepted 501"; "triggered"; "ended filled" ] "the same number"

            let another =
                [
                    update 501 "1.0" "open"
                    update 501 "1.0" "triggered"
                    update 502 "1.0" "open"
                    update 502 "0.0" "filled"
                ]

            Expect.equal
                (told [ updates another ])
                [ "accepted 501"; "triggered"; "accepted 502"; "ended filled" ]
                "a new one"

            let bound =
                [
                    update 501 "1.0" "open"
                    update 501 "1.0" "triggered"
                    update 501 "1.0" "marketOrderNoLiquidityRejected"
                ]

            Expect.equal
                (told [ updates bound ])
                [ "accepted 501"; "triggered"; "ended marketOrderNoLiquidityRejected" ]
                "a bound")
        testCase "normalTpsl parent: other outcomes" (fun () ->
            let wait = "{\"resting\":{\"oid\":5}},\"waitingForFill\",\"waitingForTrigger\""

            Expect.equal
                (items 3 (reply (ok wait)))
                [ "rests 5"; "waits for its parent"; "waits for its price" ]
                "words"

            let some = "{\"resting\":{\"oid\":5}},{\"resting\":{\"oid\":6}}," + refused "x"
            Expect.equal (items 3 (reply (ok some))) [ "rests 5"; "rests 6"; "refused: x" ] "numbers and errors"

            let order oid children =
                $$"""{"coin":"BTC","side":"A","limitPx":"80000.0","sz":"1.0","oid":{{oid}},"timestamp":1,"triggerCondition":"Price below 80000","isTrigger":true,"triggerPx":"80000.0","children":[{{children}}],"isPositionTpsl":false,"reduceOnly":true,"orderType":"Stop Market","origSz":"1.0","tif":null,"cloid":null}"""

            let listed =
                decoded Info.FrontendOpenOrders ("[" + order 5 (order 6 "") + "," + order 6 "" + "]")

            Expect.equal (listed :?> Rows<FrontendOrder>).Count 2 "who reads what is open knows")
        testCase "order of userFills and other snapshots: any" (fun () ->
            let one, two = AccountFeeds.fill 1 11 "0.4" 2, AccountFeeds.fill 1 12 "0.2" 3
            Expect.equal (told [ fills true [ two; one ] ]) [ "fill 11"; "fill 12" ] "newest first"
            Expect.equal (told [ fills true [ one; two ] ]) [ "fill 11"; "fill 12" ] "oldest first")
        testCase "orderUpdates sequence: open first; filled with sz above 0" (fun () ->
            Expect.equal (told [ updates [ update 501 "0.0" "filled" ] ]) [ "ended filled" ] "filled alone"
            let both = [ update 501 "1.0" "open"; update 501 "0.0" "filled" ]
            Expect.equal (told [ updates both ]) [ "accepted 501"; "ended filled" ] "open first"
            Expect.equal (told [ updates [ update 501 "0.5" "filled" ] ]) [ "ended filled" ] "with something left")
        testCase "self-trade: own orders gone or kept" (fun () ->
            let gone = [ update 501 "1.0" "open"; update 501 "1.0" "selfTradeCanceled" ]
            Expect.equal (told [ updates gone ]) [ "accepted 501"; "ended selfTradeCanceled" ] "gone"
            Expect.equal (told [ updates [ update 501 "1.0" "open" ] ]) [ "accepted 501" ] "kept")
    ]

let tests = testList "choices" orders
