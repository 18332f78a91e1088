/// What `--record` writes: everything that was said, nothing that was signed.
module Vrlg.Venue.Recordings

open System
open System.IO
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client

let private inFolder (test: string -> unit) =
    let folder = Path.Combine(Path.GetTempPath(), $"venue-{Guid.NewGuid()}")

    try
        test folder
    finally
        if Directory.Exists folder then
            Directory.Delete(folder, true)

/// The lines of a recording, also of one that is being written.
let private lines (folder: string) : string list =
    [
        for path in Directory.GetFiles folder |> Array.sort do
            use file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)

            use reader = new StreamReader(file)
            let text = reader.ReadToEnd()
            Expect.isTrue (text = "" || text.EndsWith '\n') "whole lines"
            yield! text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
    ]

let private limit (px: string) =
    $$$$"""{"type":"order","orders":[{"a":0,"b":true,"p":"{{{{px}}}}","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"}"""

/// The two halves of a signed body's signature, as digits.
let private halves (body: string) =
    let signature = JsonDocument.Parse(body).RootElement.GetProperty "signature"

    [
        for name in [ "r"; "s" ] do
            (string (signature.GetProperty(name).GetString())).Substring 2
    ]

let private of' (kind: string) (line: string) = line.Contains $"\"k\":\"{kind}\""

let tests =
    testSequenced
    <| testList
        "recordings"
        [
            testCase "everything is there, no signature is" (fun () ->
                inFolder (fun folder ->
                    let options = VenueOptions(0, false, config (), null, null, null, folder)
                    let host = openWith TimeProvider.System options
                    let signatures = ResizeArray<string>()

                    let keep (body: string) =
                        signatures.AddRange(halves body)
                        body

                    try
                        let send (kind: string) (body: string) =
                            postText host "/exchange" kind body |> ignore

                        let good () = keep (signed 1uy (limit "80000"))
                        send "application/json" (good ())
                        // Broken, misnamed, in upper case, in the wrong place, of the wrong type: signatures all the same.
                        send "application/json" ((good ()).TrimEnd '}')
                        send "text/plain" (good ())
                        send "application/json" ((good ()).Replace("signature", "signed"))
                        send "application/json" ((good ()).Replace("0x", ""))
                        let upper = good ()

                        send
                            "application/json"
                            (upper.Replace(
                                signatures[signatures.Count - 1],
                                signatures[signatures.Count - 1].ToUpperInvariant()
                            ))

                        send "application/json" ((good ()).Replace("\"nonce\"", "\"nonse\""))
                        let named = good ()
                        let half = signatures[signatures.Count - 1]
                        send "application/json" (named.Replace("\"nonce\"", $"\"{half}\""))
                        use socket = new Socket(host)

                        let post (payload: string) =
                            socket.Send
                                $$$"""{"method":"post","id":1,"request":{"type":"action","payload":{{{payload}}}}}"""

                        post (good ())
                        socket.Until(fun f -> f.Contains "resting") |> ignore<string>
                        post ((good ()).TrimEnd '}')
                        socket.Until(fun f -> f.Contains "Error parsing") |> ignore<string>
                        socket.Send $$"""{"method":"subscribe","subscription":{{good ()}}}"""
                        socket.Until(fun f -> f.Contains "Invalid subscription") |> ignore<string>
                        Expect.isTrue (socket.IsAnswered()) "a pong"
                        info host """{"type":"meta"}""" |> ignore<JsonElement>
                        // Before it is closed: whoever is killed leaves all that was said.
                        let all = lines folder

                        for line in all do
                            JsonDocument.Parse(line).Dispose()

                        let whole = String.Join("\n", all)

                        for half in signatures do
                            Expect.isFalse
                                (whole.Contains(half, StringComparison.OrdinalIgnoreCase))
                                "a half of a signature"

                        Expect.isFalse (Regex.IsMatch(whole, "\"[rs]\":\"(0x)?[0-9a-fA-F]{41,}")) "a member of one"
                        Expect.isFalse (whole.Contains "\"signature\"") "nor its name"

                        let count kind part =
                            all
                            |> List.filter (fun l -> of' kind l && l.Contains(part: string))
                            |> List.length

                        Expect.equal (count "rest" "\"path\":\"/exchange\"") 8 "requests"
                        Expect.equal (count "rest" "\"resting\"") 2 "answers"
                        Expect.equal (count "rest" "\"universe\"") 1 "meta"
                        Expect.equal (count "open" "\"c\":1") 1 "a connection"
                        Expect.equal (count "in" "\"method\":\"ping\"") 1 "what was asked"
                        Expect.equal (count "out" "pong") 1 "what was said"
                        Expect.equal (count "out" "\"resting\"") 1 "an answer"
                        let hash = Regex.IsMatch(whole, "\"80000\"")
                        Expect.isTrue hash "orders stay"
                    finally
                        close host

                    Expect.equal (lines folder |> List.filter (of' "close") |> List.length) 1 "the end"))
            testCase "a full file is followed by another, the oldest go" (fun () ->
                inFolder (fun folder ->
                    use recorder = Recorder.Open(folder, TimeProvider.System, 2_000L, 3)

                    for i in 1..200 do
                        recorder.Heard(i, ReadOnlyMemory(Encoding.UTF8.GetBytes $"{{\"n\":{i}}}"))

                    let files = Directory.GetFiles folder |> Array.sort
                    Expect.equal files.Length 3 "as many as are kept"

                    for file in files do
                        Expect.isLessThanOrEqual (FileInfo(file).Length) 2_000L "bounded"

                    let numbers =
                        [
                            for l in lines folder -> JsonDocument.Parse(l).RootElement.GetProperty("c").GetInt32()
                        ]

                    Expect.equal numbers [ 201 - numbers.Length .. 200 ] "the latest, in order"))
            testCase "hashes stay where they are called so, other long digits do not" (fun () ->
                let hex = String('a', 64)

                let written (text: string) =
                    Encoding.UTF8.GetString(
                        JsonBytes.Of(fun json -> Unsigned.Write(json, JsonDocument.Parse(text).RootElement))
                    )

                Expect.equal (written $$"""{"hash":"0x{{hex}}"}""") $$"""{"hash":"0x{{hex}}"}""" "a hash"
                Expect.equal (written $$"""{"x":["0x{{hex}}!"]}""") """{"x":["0x~!"]}""" "not a hash"
                let address = "0x" + String('a', 40)
                Expect.equal (written $$"""{"user":"{{address}}"}""") $$"""{"user":"{{address}}"}""" "an address"
                Expect.equal (Unsigned.Text $"{hex} and {hex}1") "~ and ~" "all of them")
        ]
