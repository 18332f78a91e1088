/// Messages of the venue, damaged in their structure and in their bytes, through every reader.
module Vrlg.Wire.Mutations

open System
open System.Text
open System.Text.Json.Nodes
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Core
open Vrlg.Wire.Damage
open Vrlg.Wire.WireSamples

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
