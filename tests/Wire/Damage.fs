/// JSON texts damaged in their structure and in their bytes.
module Vrlg.Wire.Damage

open System
open System.Collections.Generic
open System.Text
open System.Text.Json.Nodes

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

let pick (random: Random) (items: 'a[]) : 'a = items[random.Next items.Length]

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
