/// Random actions of every kind that is signed as an L1 action, and whether both libraries sign them alike.
module Vrlg.Wire.RandomActions

open System
open System.Text
open System.Text.Json
open Vrlg.Adapters.Hyperliquid.Signing

let private letters = "abcdefghijklmnopqrstuvwxyzABCDEF 0123456789:_é"

let private text (r: Random) =
    String(Array.init (r.Next 40) (fun _ -> letters[r.Next letters.Length]))

let private hex (r: Random) (bytes: int) =
    let data = Array.zeroCreate<byte> bytes
    r.NextBytes data
    let digits = Convert.ToHexStringLower data
    "0x" + (if r.Next 2 = 0 then digits else digits.ToUpperInvariant())

let private decimal' (r: Random) =
    let whole = string (r.NextInt64(0L, 1_000_000L))

    if r.Next 2 = 0 then
        whole
    else
        whole + "." + (string (r.Next 100_000_000)).PadLeft(8, '0')

let private whole (r: Random) : int64 =
    // Every length that MessagePack has.
    r.NextInt64(0L, 1L <<< r.Next(1, 62))

let rec private write (r: Random) (shape: ActionShape) (w: Utf8JsonWriter) : unit =
    match shape with
    | :? ActionShape.Text -> w.WriteStringValue(text r)
    | :? ActionShape.Number -> w.WriteStringValue(decimal' r)
    | :? ActionShape.HexText -> w.WriteStringValue(hex r (if r.Next 2 = 0 then 16 else 20))
    | :? ActionShape.Whole -> w.WriteNumberValue(whole r)
    | :? ActionShape.Flag -> w.WriteBooleanValue((r.Next 2 = 0))
    | :? ActionShape.OrderId ->
        if r.Next 2 = 0 then
            w.WriteNumberValue(whole r)
        else
            w.WriteStringValue(hex r 16)
    | :? ActionShape.TextOr as either ->
        if r.Next 2 = 0 then
            w.WriteStringValue(text r)
        else
            write r either.Otherwise w
    | :? ActionShape.OrNull as perhaps ->
        if r.Next 3 = 0 then
            w.WriteNullValue()
        else
            write r perhaps.Of w
    | :? ActionShape.List as list ->
        w.WriteStartArray()

        for _ in 1 .. r.Next 20 do
            write r list.Of w

        w.WriteEndArray()
    | :? ActionShape.Map as map ->
        w.WriteStartObject()
        members r map w
        w.WriteEndObject()
    | _ -> invalidOp $"a shape that is not known: {shape}"

and private members (r: Random) (map: ActionShape.Map) (w: Utf8JsonWriter) : unit =
    for field in map.Members do
        if field.Name <> "type" && (field.Presence = Presence.Required || r.Next 2 = 0) then
            w.WritePropertyName field.Name
            write r field.Form w

let private types = Seq.toArray ActionShapes.Types

/// An action as JSON.
let action (r: Random) : byte[] =
    let kind = types[r.Next types.Length]
    use into = new IO.MemoryStream()

    (use w = new Utf8JsonWriter(into)
     w.WriteStartObject()
     w.WriteString("type", kind)

     match ActionShapes.Find kind with
     | null -> ()
     | map -> members r map w

     w.WriteEndObject())

    into.ToArray()

/// The 32 bytes that are signed of an action, with a nonce, a vault and an expiry as they fall.
let digest (r: Random) (action: byte[]) : Result<byte[], string> =
    use json = JsonDocument.Parse(ReadOnlyMemory action)
    let sink = MsgPackSink()
    let mutable trouble = ""

    if not (CanonicalAction.TryWrite(json.RootElement, sink, &trouble)) then
        Error $"{trouble} of {Encoding.UTF8.GetString action}"
    else
        let vault =
            if r.Next 3 = 0 then
                let bytes = Array.zeroCreate<byte> 20
                r.NextBytes bytes
                Nullable(Address(ReadOnlySpan bytes))
            else
                Nullable()

        let expires =
            if r.Next 3 = 0 then
                Nullable(uint64 (whole r))
            else
                Nullable()

        let id, digest = Array.zeroCreate<byte> 32, Array.zeroCreate<byte> 32
        ActionHash.ConnectionId(sink, uint64 (whole r), vault, expires, Span id)
        ActionHash.Digest(ReadOnlySpan id, r.Next 2 = 0, Span digest)
        Ok digest

let private recovered (curve: Curve) (digest: byte[]) (rs: byte[]) (v: int) : string =
    let mutable signer = Address()

    if curve.TryRecover(ReadOnlySpan digest, ReadOnlySpan rs, v, &signer) then
        string signer
    else
        "nobody"

/// What two curves do differently with `count` random actions, each signed by a random key; None when nothing.
let disagreement (a: Curve) (b: Curve) (seed: int) (count: int) : string option =
    let r = Random seed
    let secret = Array.zeroCreate<byte> 32
    let left, right = Array.zeroCreate<byte> 64, Array.zeroCreate<byte> 64
    let mutable found = None
    let mutable i = 0

    while found.IsNone && i < count do
        i <- i + 1
        r.NextBytes secret
        let text = action r

        match digest r text, a.Load(ReadOnlySpan secret), b.Load(ReadOnlySpan secret) with
        | Error why, _, _ -> found <- Some $"action {i} of seed {seed} cannot be hashed: {why}"
        | _, null, null -> ()
        | _, null, _
        | _, _, null -> found <- Some $"only one takes the key of action {i} of seed {seed}"
        | Ok digest, one, other ->
            use one = one
            use other = other

            let v, w =
                one.Sign(ReadOnlySpan digest, Span left), other.Sign(ReadOnlySpan digest, Span right)

            let signer = string one.Address

            if (v, left) <> (w, right) then
                found <- Some $"action {i} of seed {seed} is signed differently: {Encoding.UTF8.GetString text}"
            elif recovered a digest left v <> signer || recovered b digest left v <> signer then
                found <- Some $"action {i} of seed {seed} is not recovered to its signer"

    found
