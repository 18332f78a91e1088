/// `vrlg verify-order` against `vrlg venue`, and against what goes wrong.
module Vrlg.EndToEnd.OrderRuns

open System
open System.Diagnostics
open System.IO
open System.Net
open System.Net.Sockets
open Expecto
open Vrlg.EndToEnd.Command

/// The keys of two people, made up for tests, and their addresses.
let private key = String.replicate 64 "1"
let private address = "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"
let private otherKey = String.replicate 64 "2"
let private otherAddress = "0x1563915e194d8cfba1943570603f7606a3115508"

/// A venue as a process of its own, as long as `act` goes on; with its port.
let private withVenue (flags: string list) (act: int -> unit) =
    let info =
        ProcessStartInfo(
            Path.Combine(root, "vrlg"),
            [ "venue"; "--port"; "0"; "--fund"; address + "=1000" ] @ flags,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    use venue = new Process(StartInfo = info)
    venue.Start() |> ignore<bool>

    try
        match venue.StandardOutput.ReadLine() with
        | null -> failtest (venue.StandardError.ReadToEnd())
        | line -> act (Uri(line.Split(' ')[1])).Port
    finally
        venue.Kill true
        venue.WaitForExit()

/// A verb with a key in a file.
let private keyed (verb: string) (secret: string) (who: string) (venue: string) (more: string list) : Answer =
    let mutable answer = { Code = -1; Out = ""; Err = "" }

    inTemp (fun folder ->
        let file = Path.Combine(folder, "key")
        File.WriteAllText(file, secret)
        File.SetUnixFileMode(file, UnixFileMode.UserRead ||| UnixFileMode.UserWrite)

        answer <-
            vrlg (
                [
                    verb
                    "--venue"
                    venue
                    "--key"
                    "file:" + file
                    "--account"
                    who
                    "--state"
                    folder
                ]
                @ more
            ))

    answer

let private tried = keyed "verify-order"

let private local (port: int) = $"http://127.0.0.1:{port}"

let private closedPort () =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()

    match listener.LocalEndpoint with
    | :? IPEndPoint as e -> e.Port
    | _ -> failtest "a port"

let tests =
    testList
        "an order to a test network"
        [
            testCase "is placed, found and cancelled, and every step is said" (fun () ->
                withVenue [] (fun port ->
                    let answer = tried key address (local port) [ "--i-know"; "--json" ]
                    ended 0 answer
                    let said = json answer.Out
                    Expect.equal (said.GetProperty("end").GetString()) "done" "the end"
                    Expect.isGreaterThan (said.GetProperty("oid").GetInt64()) 0L "the venue's number"
                    Expect.equal (said.GetProperty("signer").GetString()) address "who signed"
                    let people = tried key address (local port) [ "--i-know"; "--signer"; "managed" ]
                    ended 0 people
                    Expect.stringContains people.Out "signs for testnet with" "the library, at the start"
                    Expect.stringContains people.Out "the order is cancelled" "the end"

                    // Whoever has no funds there.
                    let unfunded = tried otherKey otherAddress (local port) [ "--i-know" ]
                    ended 4 unfunded
                    Expect.stringContains unfunded.Err "has no funds there and is nobody's API wallet" "a sentence"
                    // A key that is nobody's for an account that is.
                    let stranger = tried otherKey address (local port) []
                    ended 4 stranger
                    Expect.stringContains stranger.Err "nobody's API wallet" "a sentence"
                    // Another account's own key would trade that account: nothing is sent.
                    let foreign = tried key otherAddress (local port) []
                    ended 1 foreign
                    Expect.stringContains foreign.Err "is an account of its own" "a sentence"
                    Expect.isFalse (foreign.Out.Contains "placing") "nothing is sent"
                    let unlisted = tried key address (local port) [ "--i-know"; "--coin"; "NOPE" ]
                    ended 1 unlisted
                    Expect.stringContains unlisted.Err "lists no perpetual NOPE" "a sentence"))
            testCase "at a venue of another network is refused with the reason" (fun () ->
                withVenue [ "--network"; "mainnet" ] (fun port ->
                    let answer = tried key address (local port) [ "--i-know" ]
                    ended 4 answer
                    Expect.stringContains answer.Err "takes signatures of another network" "a sentence"
                    Expect.stringContains answer.Err "vrlg venue --network testnet" "what to do"
                    Expect.isFalse (answer.Out.Contains "another network") "said once, where errors are"
                    Expect.stringContains answer.Out "placing" "the steps before it"))
            testCase "a script of requests with another account's key is refused before it begins" (fun () ->
                withVenue [] (fun port ->
                    for secret, who, words in
                        [
                            key, otherAddress, "is an account of its own"
                            otherKey, address, "is nobody at the venue"
                        ] do
                        let answer = keyed "conformance" secret who (local port) []
                        ended 1 answer
                        Expect.stringContains answer.Err words "a sentence"
                        Expect.equal answer.Out "" "no difference is told"))
            testCase "without a venue is a sentence and exit 4" (fun () ->
                let answer = tried key address (local (closedPort ())) [ "--i-know" ]
                ended 4 answer
                Expect.stringContains answer.Err "exchangeStatus" "what was asked"
                Expect.stringContains (answer.Err.Replace("\n", " ")) "Start one: vrlg venue" "what to do")
            testCase "keys and flags that cannot be used are named, never repeated" (fun () ->
                let nowhere = local 1
                let master = tried key address nowhere []
                ended 1 master
                Expect.stringContains master.Err "--i-know" "the account's own key"

                for secret, words in
                    [
                        "12", "is no key: 64 hex digits"
                        String.replicate 64 "0", "no private key of this curve"
                    ] do
                    let answer = tried secret address nowhere [ "--i-know" ]
                    ended 1 answer
                    Expect.stringContains answer.Err words secret

                for venue, words in
                    [
                        "mainnet", "for test networks"
                        "https://api.hyperliquid.xyz", "for test networks"
                        "http://example.org", "not encrypted"
                        "nowhere", "is no network"
                    ] do
                    let answer = tried key address venue [ "--i-know" ]
                    ended 2 answer
                    Expect.stringContains answer.Err words venue

                let typed =
                    vrlg [ "verify-order"; "--venue"; "local"; "--key"; key; "--account"; address ]

                ended 1 typed
                Expect.isFalse (typed.Err.Contains(key, StringComparison.Ordinal)) "the key is not repeated"
                ended 2 (tried key "0x12" nowhere [])
                ended 2 (tried key address nowhere [ "--signer"; "other" ]))
        ]
