/// Messages of the venue, damaged in their structure and in their bytes, through every reader.
module Vrlg.Wire.Mutations

open System
open System.Collections.Generic
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Core
open Vrlg.Wire.WireSamples

/// JSON that stands where something else was expected.
let private values =
    [|
        "null"
        "true"
        "false"
        "0"
        "-1"
        "1.5"
        "1e400"
        "-0"
        "9223372036854775807"
        "9223372036854775808"
        "9223372036855"
        "123456789012345678901234567890"
        "\"\""
        "\"x\""
        "\"0\""
        "\"-1.0\""
        "\"1e5\""
        "\"+1\""
        "\".5\""
        "\"5.\""
        "\"0.000000001\""
        "\"92233720368.54775808\""
        "\"99999999999999999999999999999999999999999\""
        "\"NaN\""
        "\"\\ud800\""
        "\"\\u0000\""
        "\"é𐍈\""
        "\"0x\""
        "\"0x00000000000000070000000000000001\""
        "\"B\""
        "\"A\""
        "\"open\""
        "\"filled\""
        "[]"
        "{}"
        "[null]"
        "[[]]"
        "{\"a\":1,\"a\":2}"
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
    |]

let private mark = "@@"

/// Every node under one, with what holds it.
let rec private nodes (node: JsonNode | null) : JsonNode list =
    match node with
    | :? JsonObject as o ->
        [
            o :> JsonNode
            for pair in o do
                yield! nodes pair.Value
        ]
    | :? JsonArray as a ->
        [
            a :> JsonNode
            for item in a do
                yield! nodes item
        ]
    | _ -> []

let private pick (random: Random) (items: 'a[]) : 'a = items[random.Next items.Length]

let private ofMark (random: Random) : JsonNode | null =
    JsonValue.Create $"{mark}{random.Next values.Length}{mark}"

let private copy (node: JsonNode | null) : JsonNode | null =
    match node with
    | null -> null
    | n -> n.DeepClone()

let private damageObject (random: Random) (o: JsonObject) =
    if o.Count > 0 then
        let names = [| for pair in o -> pair.Key |]
        let name = pick random names

        match random.Next 5 with
        | 0 -> o.Remove name |> ignore
        | 1 ->
            let value = copy o[name]
            o.Remove name |> ignore
            o[name + "x"] <- value
        | 2 -> o["unknown"] <- copy o[name]
        | 3 -> o[pick random names] <- copy o[name]
        | _ -> o[name] <- ofMark random

let private damageArray (random: Random) (a: JsonArray) =
    match random.Next 4 with
    | 0 when a.Count > 0 -> a.RemoveAt(random.Next a.Count)
    | 1 when a.Count > 0 -> a.Add(copy a[random.Next a.Count])
    | 2 when a.Count > 0 -> a[random.Next a.Count] <- ofMark random
    | _ -> a.Insert(random.Next(a.Count + 1), ofMark random)

let private bytesDamaged (random: Random) (text: byte[]) : byte[] =
    let bytes = List<byte>(text)
    let interesting = "\"{}[],:.-+eE0123456789nulltruefalse\\ \u0000\u007f"B

    for _ in 0 .. random.Next 2 do
        if bytes.Count > 0 then
            let at = random.Next bytes.Count

            match random.Next 5 with
            | 0 -> bytes[at] <- pick random interesting
            | 1 -> bytes.RemoveAt at
            | 2 -> bytes.Insert(at, pick random interesting)
            | 3 -> bytes[at] <- byte (random.Next 256)
            | _ -> bytes.RemoveRange(at, min (random.Next 20) (bytes.Count - at))

    bytes.ToArray()

/// One to three changes of a message; a quarter of them in its bytes.
let damaged (random: Random) (message: byte[]) : byte[] =
    if random.Next 4 = 0 then
        bytesDamaged random message
    else
        match JsonNode.Parse(ReadOnlySpan message) with
        | null -> bytesDamaged random message
        | root ->
            for _ in 0 .. random.Next 3 do
                match List.toArray (nodes root) with
                | [||] -> ()
                | all ->
                    match pick random all with
                    | :? JsonObject as o -> damageObject random o
                    | :? JsonArray as a -> damageArray random a
                    | _ -> ()

            let text = root.ToJsonString()
            let parts = text.Split($"\"{mark}")
            let whole = StringBuilder parts[0]

            for part in Seq.skip 1 parts do
                let close = part.IndexOf $"{mark}\""

                whole.Append(values[int (part.Substring(0, close))]).Append(part.Substring(close + 3))
                |> ignore

            Encoding.UTF8.GetBytes(whole.ToString())

// ---- what must hold ----

let private account =
    let mutable a = Address()
    Address.TryParse("0x14791697260e4c9a71f18484c9f997b308e59325", &a) |> ignore
    a

let coins =
    AccountCoins(
        account,
        [
            AccountCoin("BTC", InstrumentId.Of 0, null)
            AccountCoin("@107", InstrumentId.Of 1, "HYPE")
        ]
    )

/// What a frame of the account said, in words.
let told (news: AccountNews) : string list =
    [
        $"snapshot {news.IsSnapshot} foreign {news.IsForeign} passed {news.Passed}"
        for o in news.Orders.ToArray() do
            $"order {o.Instrument.Index} {o.Cloid} {o.Oid} {o.Left}/{o.Whole} {o.Status} {o.At.Ns}"
        for f in news.Fills.ToArray() do
            $"fill {f.Instrument.Index} {f.Cloid} {f.Oid} {f.TradeId} {f.Side} {f.Px} {f.Sz} {f.Fee} {f.IsFeeInBase} {f.StrangeFeeToken} {f.IsMaker} {f.At.Ns}"
    ]

/// The account's scanner believes nothing that the general reader refuses, and reads nothing else.
let private accountFault (frame: byte[]) : string option =
    let fast, slow = AccountNews(), AccountNews()
    let mutable error: WireError | null = null

    let isScanned =
        AccountFrames(coins).Read(ReadOnlySpan frame, fast) = FrameOutcome.Decoded

    let isRead =
        AccountCodec(coins).Read(ReadOnlyMemory frame, slow, &error) = FrameOutcome.Decoded

    if isScanned && not isRead then
        Some $"scanned and refused: {error}"
    elif isScanned && told fast <> told slow then
        Some $"{told fast} against {told slow}"
    elif not isRead && slow.Orders.Length + slow.Fills.Length > 0 then
        Some "half believed"
    else
        None

let private blockFault (frame: byte[]) : string option =
    let reader = BlockFrames({ Index = 0 }, ProposerTable())
    let batch = EventBatch()
    let mutable error: WireError | null = null

    let words () =
        [
            for struct (height, at, who) in reader.LastRows do
                $"{height} {at} {who}"
        ]

    let isScanned = reader.Scan(ReadOnlySpan frame)
    let fast = words ()
    let isRead = reader.Decode(ReadOnlyMemory frame, &error)

    if isScanned && not isRead then
        Some $"blocks scanned and refused: {error}"
    elif isScanned && fast <> words () then
        Some $"{fast} against {words ()}"
    else
        reader.Read(ReadOnlyMemory frame, batch, &error) |> ignore
        None

/// What is wrong with how one message is read; none when all is well. `isBelieved` when it was read.
let fault (shape: Shape) (message: byte[]) : struct (bool * string option) =
    try
        match decode shape message with
        | Error _ ->
            if obj.ReferenceEquals(shape, Streams.Shape) then
                struct (false, accountFault message |> Option.orElse (blockFault message))
            else
                struct (false, None)
        | Ok value ->
            match repeats shape value with
            | Some why -> struct (true, Some why)
            | None when obj.ReferenceEquals(shape, Streams.Shape) ->
                struct (true, accountFault message |> Option.orElse (blockFault message))
            | None -> struct (true, None)
    with e ->
        struct (false, Some $"{e}")

type Campaign =
    {
        Cases: int
        /// How many damaged messages were still read.
        Believed: int
        Faults: string list
    }

/// Damages messages and reads them; stops at ten faults. A fault names seed, case and message.
let campaign (seed: int) (count: int) (sources: (string * Shape * byte[])[]) : Campaign =
    let random = Random seed
    let mutable believed = 0
    let mutable faults = []
    let mutable i = 0

    while i < count && List.length faults < 10 do
        i <- i + 1
        let name, shape, message = pick random sources
        let bytes = damaged random message
        let struct (isBelieved, why) = fault shape bytes

        if isBelieved then
            believed <- believed + 1

        match why with
        | Some why ->
            let text = Encoding.UTF8.GetString bytes
            faults <- $"seed {seed} case {i} {name}: {why} in {text}" :: faults
        | None -> ()

    {
        Cases = i
        Believed = believed
        Faults = List.rev faults
    }

/// The samples that are small enough to be damaged quickly, rows of long lists cut to three.
let sources (all: Sample list) : (string * Shape * byte[])[] =
    let cut (bytes: byte[]) =
        match JsonNode.Parse(ReadOnlySpan bytes) with
        | :? JsonArray as a when a.Count > 3 ->
            while a.Count > 3 do
                a.RemoveAt(a.Count - 1)

            Encoding.UTF8.GetBytes(a.ToJsonString())
        | _ -> bytes

    [|
        for s in all do
            for shape, bytes in s.Messages do
                let short = cut bytes

                if short.Length <= 8_000 then
                    s.Name, shape, short
    |]
