/// The script that holds a venue against the protocol reference: the local venue comes out clean, the samples of the real one
/// have the forms that it asks for, and it finds what is otherwise.
module Vrlg.Venue.Conformance

open System
open System.IO
open System.Net
open System.Text
open System.Text.Json
open System.Threading
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Core
open Vrlg.Shell.Conformance
open Vrlg.Venue.Client

let private networkAt (port: int) : Network =
    let mutable trouble = ""

    match Network.Find($"http://127.0.0.1:{port}", &trouble) with
    | null -> failtest trouble
    | network -> network

let private runWith (port: int) (key: TradingKey | null) (nonces: Nonces | null) : ConformanceResult =
    ConformanceRun
        .Run(networkAt port, key, nonces, TimeSpan.FromSeconds 60.0, CancellationToken.None)
        .GetAwaiter()
        .GetResult()

let private run (port: int) : ConformanceResult = runWith port null null

let private said (r: ConformanceResult) =
    r.Differences
    |> Seq.map (fun d -> $"{d.Request} {d.Where}: expected {d.Expected}, got {d.Got}")
    |> String.concat "\n"

let private keyOf (n: byte) : TradingKey =
    let usd (whole: int64) = Usd.Of(whole * 100_000_000L)
    let policy = KeyPolicy(Address(), Nullable(), false, usd 100L, usd 10_000L, 50)
    new TradingKey(key n, policy, TimeProvider.System)

let private check (form: string) (text: string) =
    ReferenceForms.ByName[form].Check(JsonDocument.Parse(text).RootElement)
    |> Seq.map (fun (struct (path, expected, got)) -> $"{path}: {expected}, {got}")
    |> Seq.toList

/// A venue that answers everything with the same.
let private always (status: int) (body: string) (test: int -> unit) =
    use listener = new HttpListener()
    use probe = new Sockets.TcpListener(IPAddress.Loopback, 0)
    probe.Start()
    let port = (probe.LocalEndpoint :?> IPEndPoint).Port
    probe.Stop()
    listener.Prefixes.Add $"http://127.0.0.1:{port}/"
    listener.Start()

    let serve =
        task {
            try
                while listener.IsListening do
                    let! context = listener.GetContextAsync()
                    context.Response.StatusCode <- status
                    context.Response.ContentType <- "application/json"
                    context.Response.Close(Encoding.UTF8.GetBytes body, false)
            with _ ->
                ()
        }

    try
        test port
    finally
        listener.Stop()
        serve.Wait()

/// Samples that lack what the reference asks for, each with the reason.
let private otherwise =
    Map.ofList
        [
            "clearinghouseState-2023.json", "of 2023"
            "userFills.json", "of 2023"
            "userFillsByTime.json", "of 2023"
            "clearinghouseState-negative-rawusd.json", "trimmed by hand"
            "l2Book-BTC-5levels.json", "trimmed by hand"
            "subAccounts2.json", "trimmed by hand"
            "l2Book-BTC-sample.json", "made by hand"
            "fundingHistory-naut.json", "made by hand"
        ]

let private samples () : (string * string * JsonElement) list =
    let folder =
        match Environment.GetEnvironmentVariable "VRLG_SHARED" with
        | null
        | "" ->
            let rec up (at: DirectoryInfo | null) =
                match at with
                | null -> "."
                | at when File.Exists(Path.Combine(at.FullName, "Vrlg.sln")) ->
                    Path.Combine(at.FullName, "..", "shared")
                | at -> up at.Parent

            up (DirectoryInfo AppContext.BaseDirectory)
        | named -> named

    let folder = Path.Combine(folder, "data", "hyperliquid", "responses")

    if not (File.Exists(Path.Combine(folder, "index.json"))) then
        skiptest "the reference material is not there; VRLG_SHARED names its folder"

    let parse (file: string) =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, file))).RootElement

    [
        for row in (parse "index.json").EnumerateArray() do
            let text (name: string) =
                string (row.GetProperty(name).GetString())

            let file = text "file"

            if text "transport" = "POST /info" then
                let name = (text "request").Split('"')[3]
                file, name, parse file
            elif text "transport" = "POST /exchange" then
                file, "exchange", parse file
            elif text "transport" = "websocket" && file.EndsWith ".json" then
                let frames = parse file

                let all =
                    if frames.ValueKind = JsonValueKind.Array then
                        Seq.toList (frames.EnumerateArray())
                    else
                        [ frames ]

                for frame in all do
                    let mutable channel = JsonElement()

                    if frame.TryGetProperty("channel", &channel) then
                        file, "ws/" + string (channel.GetString()), frame.GetProperty "data"
    ]

let tests =
    testSequenced
    <| testList
        "conformance"
        [
            testCase "the samples of the real venue have the reference's forms" (fun () ->
                let all = samples ()
                Expect.isGreaterThan all.Length 80 "samples"

                let wrong =
                    [
                        for file, form, value in all do
                            for struct (path, expected, got) in
                                ReferenceForms.ByName[form].Check value |> Seq.truncate 3 do
                                file, $"{file} {path}: {expected}, {got}"
                    ]

                Expect.equal
                    (wrong |> List.map fst |> Set.ofList)
                    (otherwise |> Map.keys |> Set.ofSeq)
                    (wrong |> List.map snd |> String.concat "\n"))
            testCase "what is otherwise is found" (fun () ->
                let good = """{"time":1,"specialStatuses":null}"""
                Expect.isEmpty (check "exchangeStatus" good) "as it should be"

                for text, expected in
                    [
                        """{"time":"1","specialStatuses":null}""", """.time: number, "1" """
                        """{"specialStatuses":null}""", ".time: number, absent"
                        """{"time":1,"specialStatuses":null,"more":2}""", ".more: absent, 2"
                        "[]", ".: object, list of 0"
                    ] do
                    Expect.equal (check "exchangeStatus" text) [ expected.TrimEnd() ] text

                Expect.equal
                    (check "recentTrades" """[{"coin":"BTC"}]""" |> List.length)
                    6
                    "every member that is missing"

                Expect.equal
                    (check "allMids" """{"BTC":"1.5","ETH":"x"}""")
                    [ """.ETH: decimal text, "x" """.TrimEnd() ]
                    "a text that is no number"

                Expect.equal
                    (check "l2Book" """{"coin":"BTC","time":1,"levels":[[],[{"px":"1","sz":"1"}]]}""")
                    [ ".levels[1][].n: number, absent" ]
                    "of the alternatives the one that is meant")
            testCase "the local venue is clean without a key" (fun () ->
                let host = openVenue ()

                try
                    let result = run host.Port
                    Expect.equal result.Unreachable null "reached"
                    Expect.isEmpty result.Differences (said result)
                    Expect.isGreaterThan result.Asked 120 "the whole script"
                    Expect.equal result.WithKey 0 "nothing with a key"
                finally
                    close host)
            testCase "the local venue is clean with a key, and the account is left as it was" (fun () ->
                let host = openVenue ()
                let folder = Directory.CreateTempSubdirectory("vrlg-nonces-").FullName

                try
                    use key = keyOf 1uy
                    let mutable trouble = ""
                    use nonces = Nonces.Open(folder, key.Signer, TimeProvider.System, &trouble)
                    let result = runWith host.Port key nonces
                    Expect.equal result.Unreachable null "reached"
                    Expect.isEmpty result.Differences (said result)
                    Expect.isGreaterThan result.WithKey 15 "signed"
                    let user = addressOf 1uy

                    Expect.equal
                        ((info host $$"""{"type":"openOrders","user":"{{user}}"}""").GetArrayLength())
                        0
                        "no order is left"

                    let backIsReduceOnly =
                        host.Look(fun s ->
                            s.ByAddress[user].Orders
                            |> Seq.filter (fun o -> o.Ask.Side = Side.Sell && o.FilledSz > 0L)
                            |> Seq.forall (fun o -> o.Ask.ReduceOnly))

                    Expect.isTrue backIsReduceOnly "where nothing was bought, nothing is sold"
                    let state = info host $$"""{"type":"clearinghouseState","user":"{{user}}"}"""
                    Expect.equal (state.GetProperty("assetPositions").GetArrayLength()) 0 "no position is left"
                finally
                    close host
                    Directory.Delete(folder, true))
            testCase "a venue that is none is told apart by every request" (fun () ->
                always 200 "{}" (fun port ->
                    let result = run port
                    Expect.isGreaterThan result.Differences.Count 40 "differences"
                    Expect.isNotNull result.Unreachable "it has no socket"))
            testCase "a venue that is not there is a sentence" (fun () ->
                let result = run 1
                Expect.stringContains (string result.Unreachable) "127.0.0.1 cannot be reached" "the sentence")
        ]
