/// The venue of the gateway's tests: what becomes of an action, and which nonces are used by what.
module Vrlg.Wire.NonceDesk

open System
open System.Collections.Generic
open System.Text
open System.Text.Json
open Vrlg.Adapters.Hyperliquid.Net

/// What becomes of an action that is sent.
type Fate =
    | Fine
    | ShortError
    | Failure
    | DuplicateNonce
    | Garbage
    | NotTaken
    /// No answer; it arrives later, or never.
    | Lost
    /// It arrived, and no answer came back.
    | Swallowed
    /// It breaks on the way, like a lost one.
    | Throws

type Sent =
    {
        BySocket: bool
        Fate: Fate
        Body: string
    }

let private itemCount (body: JsonElement) =
    let action = body.GetProperty "action"

    let rows =
        match action.GetProperty("type").GetString() with
        | "order" -> action.GetProperty "orders"
        | _ -> action.GetProperty "cancels"

    rows.GetArrayLength()

let private okay (body: JsonElement) =
    let isCancel =
        body.GetProperty("action").GetProperty("type").GetString() = "cancelByCloid"

    let one =
        if isCancel then
            "\"success\""
        else
            """{"resting":{"oid":7}}"""

    let kind = if isCancel then "cancel" else "order"
    let all = String.Join(",", List.replicate (itemCount body) one)
    $"""{{"status":"ok","response":{{"type":"{kind}","data":{{"statuses":[{all}]}}}}}}"""

let isNoop (body: string) = body.Contains "\"type\":\"noop\""

let nonceOf (body: string) =
    use parsed = JsonDocument.Parse body
    parsed.RootElement.GetProperty("nonce").GetUInt64()

/// A venue that keeps which nonces are used, and by what.
type Desk() =
    let used = Dictionary<uint64, string>()
    let refused = HashSet<uint64>()
    let travelling = ResizeArray<string>()

    let runs (body: string) = used.TryAdd(nonceOf body, body)

    let answered (text: string) =
        RestReply(RestOutcome.Answered, ReadOnlyMemory(Encoding.UTF8.GetBytes text), "")

    let duplicate = """{"status":"err","response":"Invalid nonce: duplicate nonce 5"}"""

    let lost = RestReply(RestOutcome.Unknown, ReadOnlyMemory.Empty, "no answer")

    /// Orders' actions that ran.
    member _.Ran =
        [
            for pair in used do
                if not (isNoop pair.Value || refused.Contains pair.Key) then
                    pair.Value
        ]

    /// What was on its way is there.
    member _.Arrive() =
        for body in travelling do
            runs body |> ignore

        travelling.Clear()

    member _.Reply(fate: Fate, body: string) : RestReply =
        use parsed = JsonDocument.Parse body

        match fate with
        | Fine when not (runs body) -> answered duplicate
        | Fine when isNoop body -> answered """{"status":"ok","response":{"type":"default"}}"""
        | Fine -> answered (okay parsed.RootElement)
        | ShortError ->
            if runs body then
                refused.Add(nonceOf body) |> ignore

            answered
                """{"status":"ok","response":{"type":"order","data":{"statuses":[{"error":"Price must be divisible by tick size."}]}}}"""
        | Failure -> answered """{"status":"err","response":"Action already expired"}"""
        | DuplicateNonce ->
            runs body |> ignore
            answered duplicate
        | Garbage ->
            runs body |> ignore
            answered "<html>"
        | NotTaken -> RestReply(RestOutcome.NotTaken, ReadOnlyMemory.Empty, "no connection")
        | Lost ->
            travelling.Add body
            lost
        | Swallowed ->
            runs body |> ignore
            lost
        | Throws ->
            travelling.Add body
            raise (InvalidOperationException "it broke")
