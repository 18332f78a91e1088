/// Signing: the vectors of the venue's clients, both libraries against each other, the canonical form.
module Vrlg.Wire.Signing

open System
open System.IO
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open Expecto
open FsCheck
open FsCheck.FSharp
open Org.BouncyCastle.Crypto.Digests
open Vrlg.Adapters.Hyperliquid.Signing

let private path () =
    Shared.find "data/hyperliquid/signing-vectors.json"

let private check (managed: bool) (content: string) =
    let mutable trouble = ""

    match SigningVectors.Check(ReadOnlyMemory(Encoding.UTF8.GetBytes content), managed, &trouble) with
    | null -> failtestf "refused: %s" trouble
    | tally -> tally

let private native () : Curve =
    match NativeCurve.OfThisMachine() with
    | null -> skiptest "libsecp256k1 is not installed on this machine"
    | curve -> curve

let private pack (text: string) : byte[] option =
    use json = JsonDocument.Parse text
    let sink = MsgPackSink()
    let mutable trouble = ""

    if CanonicalAction.TryWrite(json.RootElement, sink, &trouble) then
        Some(sink.Written.ToArray())
    else
        None

let private keccak (data: byte[]) =
    let digest = KeccakDigest 256
    digest.BlockUpdate(data, 0, data.Length)
    let hash = Array.zeroCreate 32
    digest.DoFinal(hash, 0) |> ignore
    hash

/// Every member of an object in the opposite order, at every depth.
let rec private reversed (node: JsonNode | null) : JsonNode | null =
    match node with
    | :? JsonObject as o ->
        let turned = JsonObject()

        for pair in Seq.rev (Seq.toArray o) do
            turned.Add(pair.Key, reversed pair.Value)

        turned
    | :? JsonArray as a -> JsonArray(a |> Seq.map reversed |> Seq.toArray)
    | null -> null
    | value -> value.DeepClone()

/// One vector with a member replaced.
let private altered (index: int) (name: string) (value: string) =
    match JsonNode.Parse(File.ReadAllText(path ())) with
    | :? JsonArray as all ->
        match all[index] with
        | :? JsonObject as vector -> vector[name] <- JsonNode.Parse value
        | _ -> failtest "a vector is an object"

        all.ToJsonString()
    | _ -> failtest "an array of vectors"

/// Nethereum's signature of a digest as r, s and recovery id.
let private third (secret: byte[]) (digest: byte[]) =
    let signature = Nethereum.Signer.EthECKey(secret, true).SignAndCalculateV digest
    let rs = Array.zeroCreate<byte> 64
    signature.R.CopyTo(rs, 32 - signature.R.Length)
    signature.S.CopyTo(rs, 64 - signature.S.Length)
    int signature.V[0] - 27, rs

let private orderText =
    """{"type":"order","orders":[{"a":0,"b":true,"p":"30000","s":"0.1","r":false,"t":{"limit":{"tif":"Gtc"}},"c":"0x00000000000000000000000000000abc"}],"grouping":"na"}"""

let tests =
    testList
        "signing"
        [
            testCase "every vector comes out by libsecp256k1" (fun () ->
                native () |> ignore
                let tally = check false (File.ReadAllText(path ()))
                Expect.equal (tally.Total, tally.Curve) (40, "libsecp256k1") "the whole file, by the native library"
                Expect.isEmpty tally.Failed "none failed")
            testCase "every vector comes out in managed code" (fun () ->
                let tally = check true (File.ReadAllText(path ()))
                Expect.equal tally.Total 40 "the whole file"
                Expect.isEmpty tally.Failed "none failed")
            testCase "a vector that is wrong anywhere fails with its index" (fun () ->
                let wrong =
                    [
                        0, "r", "\"0x5e6ddaca9635219ab9f6193ee0a3cee9fd704689e2265305a5667f9eb7ca1a7c\""
                        3, "v", "29"
                        5, "nonce", "1"
                        7, "isMainnet", "false"
                        12, "vaultAddress", "null"
                        13, "expiresAfter", "1"
                        20, "actionHash", "\"0x00\""
                        32, "eip712Digest", "\"0x00\""
                        39, "address", "\"0x0000000000000000000000000000000000000001\""
                        9, "action", "{\"type\":\"order\"}"
                        10, "action", "{\"type\":\"sendEverything\"}"
                        11, "privateKey", "\"0x00\""
                        4, "s", "null"
                    ]

                for index, name, value in wrong do
                    let tally = check true (altered index name value)

                    Expect.equal
                        (tally.Failed |> Seq.map (fun f -> f.Index) |> Seq.toList)
                        [ index ]
                        $"{name} of {index}")
            testCase "r and s without leading zeros are the same numbers" (fun () ->
                let text = File.ReadAllText(path ()).Replace("\"0x0", "\"0x")
                let tally = check true text
                Expect.isGreaterThan tally.Total 0 "read"

                for f in tally.Failed do
                    Expect.isFalse (f.Expected.StartsWith "r " || f.Expected.StartsWith "s ") $"{f.Expected}, {f.Got}")
            testCase "what is no array of vectors is a sentence" (fun () ->
                for text in [ "{}"; "nonsense"; ""; "1" ] do
                    let mutable trouble = ""

                    let tally =
                        SigningVectors.Check(ReadOnlyMemory(Encoding.UTF8.GetBytes text), true, &trouble)

                    Expect.isNull tally text
                    Expect.isGreaterThan trouble.Length 10 text)
            testCase "a file that is cut short says where, in no framework's words" (fun () ->
                let mutable trouble = ""
                let cut = "[\n  {\"name\": \"fir"
                Expect.isNull (SigningVectors.Check(ReadOnlyMemory(Encoding.UTF8.GetBytes cut), true, &trouble)) cut
                Expect.stringContains trouble "line 2, byte " "where"
                Expect.isFalse (trouble.Contains "BytePosition") trouble)
            testCase "a member of the wrong kind is told by its kind" (fun () ->
                for name, value, expected, got in
                    [
                        "nonce", "\"1\"", "nonce a whole number", "a text"
                        "nonce", "1.5", "nonce a whole number", "the number 1.5"
                        "nonce", "[]", "nonce a whole number", "a list"
                        "isMainnet", "1", "isMainnet true or false", "the number 1"
                    ] do
                    let tally = check true (altered 0 name value)
                    let fault = Seq.exactlyOne tally.Failed
                    Expect.equal (fault.Expected, fault.Got) (expected, got) name)
            testCase "a text that is no Unicode is a fault and no exception" (fun () ->
                for name in [ "name"; "action"; "privateKey"; "r" ] do
                    let lone =
                        if name = "action" then
                            """{"type":"setReferrer","code":"LONE"}"""
                        else
                            "\"LONE\""

                    let tally = check true ((altered 0 name lone).Replace("LONE", "\\ud800"))
                    Expect.equal (tally.Failed |> Seq.map (fun f -> f.Index) |> Seq.toList) [ 0 ] name

                let mutable trouble = ""

                for text in
                    [
                        """{"type":"\ud800"}"""
                        """{"type":"setReferrer","code":"\ud800"}"""
                        """{"type":"setReferrer","c\ud800de":""}"""
                    ] do
                    use json = JsonDocument.Parse text
                    Expect.isFalse (CanonicalAction.TryWrite(json.RootElement, MsgPackSink(), &trouble)) text

                for text in
                    [
                        """{"type":"\ud800"}"""
                        """{"type":"usdSend","signatureChainId":"\ud800"}"""
                        """{"type":"usdSend","signatureChainId":"0x1","hyperliquidChain":"\ud800"}"""
                    ] do
                    use json = JsonDocument.Parse text
                    Expect.isFalse (UserActions.TryDigest(json.RootElement, Span(Array.zeroCreate 32), &trouble)) text)
            testCase "a key that cannot be read is not repeated" (fun () ->
                let tally = check true (altered 0 "privateKey" $"\"0x{String('7', 63)}\"")
                Expect.equal tally.Failed.Count 1 "refused"
                Expect.isFalse (tally.Failed[0].Got.Contains "777") tally.Failed[0].Got)
            testCase "ten thousand random actions: both libraries agree bit for bit" (fun () ->
                Expect.equal (RandomActions.disagreement (native ()) (ManagedCurve()) 7 10_000) None "nothing differs")
            testCase "what two libraries do differently is found" (fun () ->
                let otherwise =
                    { new Curve() with
                        member _.Name = "wrong"
                        member _.Load key = native().Load key

                        member _.TryRecover(digest, rs, recovery, signer) =
                            native().TryRecover(digest, rs, recovery ^^^ 1, &signer)
                    }

                Expect.isSome (RandomActions.disagreement (native ()) otherwise 7 5) "recovered to another signer")
            testCase "the struct of a multi-signature's outer signer" (fun () ->
                let word (hex: string) = hex.PadLeft(64, '0')

                let hash (hex: string) =
                    Convert.ToHexStringLower(keccak (Convert.FromHexString hex))

                let hashText (text: string) =
                    Convert.ToHexStringLower(keccak (Encoding.UTF8.GetBytes text))

                let action = String.replicate 16 "a1b2"

                // By the words of EIP-712, with the other library's hash.
                let domain =
                    hash (
                        hashText "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                        + hashText "HyperliquidSignTransaction"
                        + hashText "1"
                        + word "66eee"
                        + word ""
                    )

                let said =
                    hash (
                        hashText
                            "HyperliquidTransaction:SendMultiSig(string hyperliquidChain,bytes32 multiSigActionHash,uint64 nonce)"
                        + hashText "Testnet"
                        + action
                        + word "19ff9c0ea00"
                    )

                let got = Array.zeroCreate<byte> 32

                MultiSig.Digest(
                    "Testnet",
                    0x66eeeUL,
                    ReadOnlySpan(Convert.FromHexString action),
                    0x19ff9c0ea00UL,
                    Span got
                )

                Expect.equal (Convert.ToHexStringLower got) (hash ("1901" + domain + said)) "the digest")
            testCase "Nethereum.Signer says the same" (fun () ->
                let random = Random 11

                let secret, digest, rs =
                    Array.zeroCreate<byte> 32, Array.zeroCreate<byte> 32, Array.zeroCreate<byte> 64

                for _ in 1..10 do
                    random.NextBytes secret
                    random.NextBytes digest

                    match (ManagedCurve() :> Curve).Load(ReadOnlySpan secret) with
                    | null -> ()
                    | key ->
                        use key = key
                        let v = key.Sign(ReadOnlySpan digest, Span rs)
                        Expect.equal (v, rs) (third secret digest) "r, s and v")
            testCase "our hash is Keccak-256 at every length about a block" (fun () ->
                Expect.equal
                    (Convert.ToHexStringLower(Keccak256.Hash(ReadOnlySpan [||])))
                    "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
                    "of nothing"

                for length in 0..420 do
                    let data = Array.init length (fun i -> byte (i * 7 + length))
                    Expect.equal (Keccak256.Hash(ReadOnlySpan data)) (keccak data) $"of {length} bytes")
            testCase "the canonical form does not depend on how an action was written" (fun () ->
                use all = JsonDocument.Parse(File.ReadAllText(path ()))

                for vector in all.RootElement.EnumerateArray() do
                    if vector.GetProperty("scheme").GetString() = "L1" then
                        let action = vector.GetProperty("action").GetRawText()

                        let turned =
                            match reversed (JsonNode.Parse action) with
                            | null -> ""
                            | node -> node.ToJsonString()

                        Expect.equal (pack turned) (pack action) action)
            testCase "idle zeros, letter case, false flags and nulls do not change what is hashed" (fun () ->
                let same =
                    [
                        orderText.Replace("\"30000\"", "\"30000.000\"")
                        orderText.Replace("\"0.1\"", "\"0.10\"")
                        orderText.Replace("abc\"", "ABC\"")
                        orderText.Replace("\"na\"}", "\"na\",\"builder\":null,\"more\":[1]}")
                    ]

                for text in same do
                    Expect.equal (pack text) (pack orderText) text

                let cancel = """{"type":"cancel","cancels":[{"a":1,"o":2}]}"""
                Expect.equal (pack (cancel.Replace("]}", "],\"f\":false}"))) (pack cancel) "f false is absent"
                Expect.notEqual (pack (cancel.Replace("]}", "],\"f\":true}"))) (pack cancel) "f true is not"

                Expect.notEqual
                    (pack (orderText.Replace("30000", "300")))
                    (pack orderText)
                    "zeros of a whole number count")
            testCase "numbers and lengths take their shortest form" (fun () ->
                let whole (n: Int128) =
                    let sink = MsgPackSink()
                    sink.Whole n
                    Convert.ToHexStringLower sink.Written

                let expected =
                    [
                        0L, "00"
                        127L, "7f"
                        128L, "cc80"
                        255L, "ccff"
                        256L, "cd0100"
                        65535L, "cdffff"
                        65536L, "ce00010000"
                        4294967295L, "ceffffffff"
                        4294967296L, "cf0000000100000000"
                        -1L, "ff"
                        -32L, "e0"
                        -33L, "d0df"
                        -128L, "d080"
                        -129L, "d1ff7f"
                        -32769L, "d2ffff7fff"
                        -2147483649L, "d3ffffffff7fffffff"
                    ]

                for n, bytes in expected do
                    Expect.equal (whole (Int128.op_Implicit n)) bytes $"{n}"

                let texts = [ 31, "bf"; 32, "d920"; 255, "d9ff"; 256, "da0100" ]

                for length, head in texts do
                    let sink = MsgPackSink()
                    sink.Text(ReadOnlySpan(Array.create length 97uy))
                    let told = Convert.ToHexStringLower sink.Written
                    Expect.stringStarts told head $"a text of {length}"
                    Expect.equal sink.Length (length + head.Length / 2) "nothing else"

                for count, map, array in [ 15, "8f", "9f"; 16, "de0010", "dc0010" ] do
                    let sink = MsgPackSink()
                    sink.Map count
                    Expect.equal (Convert.ToHexStringLower sink.Written) map "map"
                    sink.Clear()
                    sink.Array count
                    Expect.equal (Convert.ToHexStringLower sink.Written) array "array")
            testCase "a key outside of the curve's range is refused by both" (fun () ->
                let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
                let curves = [ (ManagedCurve() :> Curve); native () ]

                for curve in curves do
                    for hex, isTaken in
                        [
                            String('0', 64), false
                            order, false
                            order.Replace("4141", "4140"), true
                            String('f', 64), false
                        ] do
                        use key = curve.Load(ReadOnlySpan(Convert.FromHexString hex))
                        Expect.equal (isNull key) (not isTaken) $"{curve.Name} {hex}")
        ]
