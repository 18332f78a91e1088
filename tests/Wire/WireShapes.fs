/// The answers and streams of the venue as types: every sample, its outcome against a table, and back to the wire.
module Vrlg.Wire.WireShapes

open System
open System.Buffers
open System.IO
open System.Text
open System.Text.Json
open Expecto
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Wire.WireSamples
open Vrlg.Core

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

/// Every sample beside the repository.
let samples () : Sample list =
    WireSamples.load (Shared.find "data/hyperliquid/responses")

let private decode (shape: Shape) (bytes: byte[]) = WireSamples.decode shape bytes

let private repeats (name: string) (shape: Shape) (value: obj) =
    match WireSamples.repeats shape value with
    | None -> ()
    | Some why -> failtestf "%s: %s" name why

let private outcome (sample: Sample) : string =
    match sample.Shape with
    | None -> "not of the wire"
    | Some _ ->
        let refused =
            sample.Messages
            |> List.tryPick (fun (shape, bytes) ->
                match decode shape bytes with
                | Ok _ -> None
                | Error e -> Some $"refused: {e.Field}")

        Option.defaultValue $"decoded {sample.Messages.Length}" refused

let private golden: string list =
    match Shared.root with
    | None -> []
    | Some root ->
        File.ReadAllLines(Path.Combine(root, "tests", "Wire", "samples.golden"))
        |> Array.filter (fun l -> l <> "" && not (l.StartsWith "#"))
        |> Array.toList

// ---- numbers ----

let private number (text: string) : Numeral =
    let mutable n = Numeral()

    if Numeral.TryParse(text, &n) then
        n
    else
        failtestf "%s was not read" text

let private numerals =
    testList
        "numbers of the venue"
        [
            testCase "are exact and written with one decimal at least" (fun () ->
                for text, written in
                    [
                        "0", "0.0"
                        "-0.0", "0.0"
                        "1", "1.0"
                        "2000", "2000.0"
                        "0.0000125", "0.0000125"
                        "98450.50", "98450.5"
                        "-339414.3", "-339414.3"
                        "3096053627.5618200302", "3096053627.5618200302"
                        "0007.10", "7.1"
                    ] do
                    Expect.equal (string (number text)) written text

                Expect.equal (number "1.50") (number "1.5") "idle zeros do not count"
                Expect.notEqual (number "1.5") (number "-1.5") "signs do")
            testCase "fit our counts or say that they do not" (fun () ->
                let raw (text: string) =
                    let mutable r = 0L
                    if (number text).TryRaw(&r) then Some r else None

                Expect.equal (raw "1.5") (Some 150_000_000L) "in 1e-8"
                Expect.equal (raw "-0.00000001") (Some -1L) "the finest"
                Expect.equal (raw "0.0000086141") None "finer"
                Expect.equal (raw "92233720368.54775807") (Some Int64.MaxValue) "the largest"
                Expect.equal (raw "92233720368.54775808") None "larger"
                Expect.equal (raw (String('9', 36))) None "much larger"
                Expect.equal (string (Numeral.OfRaw 150_000_000L)) "1.5" "and back"
                let mutable pico = 0L
                Expect.isTrue ((number "0.0000125").TryPico(&pico)) "a rate in 1e-12"
                Expect.equal pico 12_500_000L "of it")
            testCase "are plain decimals and nothing else" (fun () ->
                for text in
                    [
                        ""
                        "-"
                        "."
                        ".5"
                        "5."
                        "1e5"
                        "+1"
                        "1.2.3"
                        "1,5"
                        " 1"
                        "NaN"
                        "0x1"
                        "--1"
                        "١"
                        String('1', 37)
                    ] do
                    let mutable n = Numeral()
                    Expect.isFalse (Numeral.TryParse(text, &n)) text)
        ]

// ---- what is refused, and what is not ----

let private refuses (shape: Shape) (text: string) (field: string) =
    match decode shape (utf8 text) with
    | Ok v -> failtestf "%s was read: %A" text v
    | Error e -> Expect.equal e.Field field text

let private role = """{"role":"agent","data":{"user":"0xab"}}"""

let private reply (text: string) : ExchangeReply =
    match decode Info.Exchange (utf8 text) with
    | Ok v -> v :?> ExchangeReply
    | Error e -> failtestf "%O" e

let private statuses (inner: string) =
    match
        reply (
            """{"status":"ok","response":{"type":"order","data":{"statuses":["""
            + inner
            + "]}}}"
        )
    with
    | :? ExchangeReply.Statuses as s -> s
    | other -> failtestf "%A" other

let tests =
    testList
        "answers and streams as types"
        [
            numerals
            testCase "the outcome of every sample is the table's" (fun () ->
                let all =
                    [
                        for s in samples () do
                            $"{s.Name}: {outcome s}"
                    ]

                match Environment.GetEnvironmentVariable "VRLG_GOLDEN_OUT" with
                | null
                | "" -> ()
                | path -> File.WriteAllLines(path, all)

                Expect.equal all golden "outcomes")
            testCase "every sample that is read is written and read again as the same" (fun () ->
                for s in samples () do
                    for shape, bytes in s.Messages do
                        match decode shape bytes with
                        | Ok value -> repeats s.Name shape value
                        | Error _ -> ())
            testCase "so is everything that only the protocol describes" (fun () ->
                for name, shape, text in described do
                    match decode shape (utf8 text) with
                    | Ok value -> repeats name shape value
                    | Error e -> failtestf "%s: %O" name e)
            testCase "what is missing is named, what is unknown is not minded" (fun () ->
                refuses Info.UserRole (role.Replace("\"user\"", "\"usr\"")) "user"
                refuses Info.UserRole "[]" "role"
                refuses Info.MaxBuilderFee "1.5" "reply"
                refuses Info.OpenOrders "{}" "reply"
                refuses Info.ExchangeStatus """{"time":-1,"specialStatuses":null}""" "time"
                refuses Info.Exchange """{"status":"maybe"}""" "status"
                refuses Info.Exchange """{"status":"ok","response":{"type":"tomorrow"}}""" "type"
                refuses Info.UserAbstraction "\"\\ud800\"" "a text"
                refuses Streams.Shape """{"channel":"bbo"}""" "data"

                let more =
                    role.Replace("{\"role\"", "{\"new\":[{}],\"role\"").Replace("{\"user\"", "{\"x\":1,\"user\"")

                Expect.equal (decode Info.UserRole (utf8 more)) (decode Info.UserRole (utf8 role)) "more members")
            testCase "marks and middles come packed, and are unpacked with care" (fun () ->
                let rows (text: string) =
                    match decode Streams.Shape (utf8 text) with
                    | Ok(:? StreamMessage.MarksMoved as m) -> [ for r in m.Rows -> r.Coin, r.MarkPx, r.MidPx ]
                    | other -> failtestf "%A" other

                let text =
                    described
                    |> List.pick (fun (n, _, t) -> if n = "marks and middles" then Some t else None)

                Expect.equal
                    (rows text)
                    [
                        "BTC", Nullable(number "97500.5"), Nullable()
                        "ETH", Nullable(number "3650.25"), Nullable()
                        "xyz:NVDA", Nullable(number "145.2"), Nullable()
                    ]
                    "the venue's clients' check"

                let packed (bytes: byte[]) =
                    use into = new MemoryStream()

                    (use deflate =
                        new IO.Compression.DeflateStream(into, IO.Compression.CompressionLevel.Fastest, true)

                     deflate.Write(ReadOnlySpan bytes))

                    $"{{\"channel\":\"fastAssetCtxs\",\"data\":\"{Convert.ToBase64String(into.ToArray())}\"}}"

                let odd = packed (utf8 """{"BTC":{"markPx":"1.5","midPx":null}}""")
                Expect.equal (rows odd) [ "BTC", Nullable(number "1.5"), Nullable() ] "no middle"

                for wrong in
                    [
                        """{"channel":"fastAssetCtxs","data":"*"}"""
                        """{"channel":"fastAssetCtxs","data":"AAAA"}"""
                        """{"channel":"fastAssetCtxs","data":{}}"""
                        packed (utf8 "[]")
                        packed (utf8 "{")
                        packed (utf8 """{"BTC":{"markPx":1}}""")
                        packed (Array.zeroCreate 20_000_000)
                    ] do
                    match decode Streams.Shape (utf8 wrong) with
                    | Error e -> Expect.equal e.Channel "fastAssetCtxs" "named"
                    | Ok v -> failtestf "read: %O" v)
            testCase "shares of a vault are exact though they are written as numbers" (fun () ->
                let text =
                    described
                    |> List.pick (fun (n, _, t) -> if n = "vaultDetails" then Some t else None)

                match decode Info.VaultDetails (utf8 text) with
                | Ok(:? VaultReply as reply) ->
                    match reply.Vault with
                    | null -> failtest "a vault"
                    | vault ->
                        Expect.equal vault.Apr (number "0.36387129259090006") "as it stands"
                        Expect.equal vault.LeaderFraction (number "0.0000007904879426186") "with an exponent"
                | other -> failtestf "%A" other

                refuses Info.VaultDetails (text.Replace("0.36387129259090006", "\"0.36\"")) "apr"
                refuses Info.VaultDetails (text.Replace("0.36387129259090006", "1e400")) "apr")
            testCase "a ledger entry must state its money" (fun () ->
                let entry (delta: string) =
                    """[{"time":1,"hash":"0x","delta":{""" + delta + "}}]"

                refuses Info.UserNonFundingLedgerUpdates (entry "\"type\":\"deposit\"") "usdc"
                refuses Info.UserNonFundingLedgerUpdates (entry "\"type\":\"deposit\",\"usdc\":null") "usdc"
                refuses Info.UserNonFundingLedgerUpdates (entry "\"type\":\"withdraw\",\"usdc\":\"1.0\"") "fee"

                match
                    decode Info.UserNonFundingLedgerUpdates (utf8 (entry "\"type\":\"deposit\",\"usdc\":\"1.25\""))
                with
                | Ok v ->
                    let row = (v :?> Rows<LedgerUpdate>)[0]
                    Expect.equal (row.Amount "usdc") (Nullable(number "1.25")) "the money"
                    Expect.isFalse ((row.Amount "fee").HasValue) "no fee"
                | Error e -> failtestf "%O" e)
            testCase "a short list of statuses that holds an error means all" (fun () ->
                let one = statuses """{"error":"Orders are empty"}"""
                Expect.equal (one.StatusOf(0, 3)) (ItemStatus.Error "Orders are empty") "the first"
                Expect.equal (one.StatusOf(2, 3)) (ItemStatus.Error "Orders are empty") "the last"
                let two = statuses """{"resting":{"oid":1}},{"error":"no"}"""
                Expect.equal (two.StatusOf(0, 2)) (ItemStatus.Resting(1L, null)) "one each"
                Expect.equal (two.StatusOf(1, 2)) (ItemStatus.Error "no") "one each"
                let short = statuses """{"resting":{"oid":1}}"""
                Expect.isNull (short.StatusOf(0, 2)) "short without an error: unknown"
                Expect.isNull (two.StatusOf(0, 1)) "more than were asked: unknown"

                Expect.isNull (two.StatusOf(0, 3)) "an order that rests is not refused by another's error"
                let empty = statuses ""
                Expect.isNull (empty.StatusOf(0, 1)) "nothing: unknown")
            testCase "an acknowledgement answers what it holds" (fun () ->
                let asked = Subscription("userFills", User = "0xAB")

                let echo =
                    Subscription("userFills", User = "0xab", AggregateByTime = Nullable false)

                Expect.isTrue (echo.Answers asked) "a default more, and lower case"
                Expect.isFalse (echo.Answers(Subscription("userFills", User = "0xac"))) "another user"
                Expect.isFalse (echo.Answers(Subscription("orderUpdates", User = "0xab"))) "another channel"

                let into = ArrayBufferWriter<byte>()
                asked.Ask into

                Expect.equal
                    (Encoding.UTF8.GetString(into.WrittenSpan))
                    """{"method":"subscribe","subscription":{"type":"userFills","user":"0xAB"}}"""
                    "the request")
            testCase "a post's payload is read by what was asked" (fun () ->
                let posted (text: string) =
                    match decode Streams.Shape (utf8 text) with
                    | Ok(:? StreamMessage.Posted as p) -> p.Reply
                    | other -> failtestf "%A" other

                let find name =
                    described |> List.pick (fun (n, _, t) -> if n = name then Some t else None)

                let mutable done': ExchangeReply | null = null
                let mutable error: WireError | null = null
                Expect.isTrue ((posted (find "a posted action")).TryAction(&done', &error)) "an action"
                Expect.equal done' (ExchangeReply.Performed()) "done"
                Expect.isFalse ((posted (find "a refused post")).TryAction(&done', &error)) "an error"

                Expect.stringContains (string error) "429" "its text"
                let mutable book = BookReply null
                Expect.isTrue ((posted (find "a posted question")).TryInfo(Info.L2Book, &book, &error)) "a question")
        ]
