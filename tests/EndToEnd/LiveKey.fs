/// What only a real key can show: the conformance script with orders, on the venue's test network. Skipped, and said to be, where
/// the environment has no key; the same run with a throw-away key against a venue of this machine is no excuse but always there.
module Vrlg.EndToEnd.LiveKey

open System
open System.Diagnostics
open System.IO
open Expecto
open Vrlg.EndToEnd.Command

/// A key that everybody knows, and its address.
let private thrownAway =
    "0x0123456789012345678901234567890123456789012345678901234567890123", "0x14791697260e4c9a71f18484c9f997b308e59325"

/// A venue of its own port; given its address.
let private withVenue (flags: string list) (act: string -> unit) =
    let info =
        ProcessStartInfo(Path.Combine(root, "vrlg"), "venue" :: "--port" :: "0" :: "--json" :: flags)

    info.RedirectStandardOutput <- true
    use venue = new Process(StartInfo = info)
    venue.Start() |> ignore<bool>

    try
        let text = System.Text.StringBuilder()

        while not (text.ToString().Contains '}') do
            match venue.StandardOutput.ReadLine() with
            | null -> failtest $"the venue ended: {text}"
            | line -> text.Append line |> ignore

        act (string ((json (text.ToString())).GetProperty("http").GetString()))
    finally
        venue.Kill true
        venue.WaitForExit()

let private conforms (key: string) (venue: string) (whose: string list) =
    inTemp (fun folder ->
        let answer =
            [
                $"VRLG_E2E_KEY={key}"
                Path.Combine(root, "vrlg")
                "conformance"
                "--venue"
                venue
                "--key"
                "env:VRLG_E2E_KEY"
                "--json"
                "--state"
                folder
            ]
            @ whose
            |> runIn "env" root ""

        Expect.isFalse
            (answer.Out.Contains(key.Substring 2) || answer.Err.Contains(key.Substring 2))
            "the key is not said"

        ended 0 answer
        let result = json answer.Out
        Expect.isGreaterThan (result.GetProperty("withKey").GetInt32()) 15 "signed with the key"
        Expect.equal (result.GetProperty("differences").GetArrayLength()) 0 answer.Out)

let tests =
    testList
        "live key"
        [
            testCase "the script runs with the key of VRLG_E2E_KEY" (fun () ->
                match Environment.GetEnvironmentVariable "VRLG_E2E_KEY" with
                | null
                | "" ->
                    let why =
                        "VRLG_E2E_KEY is not set: no orders on the test network (VRLG_E2E_VENUE names another, VRLG_E2E_ACCOUNT the account)"

                    // The list of results names what was skipped, not why.
                    Console.Error.WriteLine $"skipped: {why}"
                    skiptest why
                | key ->
                    let venue =
                        Environment.GetEnvironmentVariable "VRLG_E2E_VENUE"
                        |> Option.ofObj
                        |> Option.defaultValue "testnet"

                    match Environment.GetEnvironmentVariable "VRLG_E2E_ACCOUNT" with
                    | null
                    | "" -> conforms key venue [ "--i-know" ]
                    | account -> conforms key venue [ "--account"; account ])
            testCase "a throw-away key runs it against a venue of this machine" (fun () ->
                let key, address = thrownAway
                withVenue [ "--fund"; address + "=1000" ] (fun venue -> conforms key venue [ "--i-know" ]))
            testCase "an account without money is one sentence" (fun () ->
                withVenue [] (fun venue ->
                    let key, address = thrownAway

                    inTemp (fun folder ->

                        let answer =
                            runIn
                                "env"
                                root
                                ""
                                [
                                    "XDG_STATE_HOME=" + folder
                                    $"VRLG_E2E_KEY={key}"
                                    Path.Combine(root, "vrlg")
                                    "conformance"
                                    "--venue"
                                    venue
                                    "--key"
                                    "env:VRLG_E2E_KEY"
                                    "--i-know"
                                ]

                        ended 1 answer
                        Expect.stringContains answer.Err $"{address} is nobody at the venue" "who it is"
                        Expect.stringContains answer.Err "fund it" "what to do")))
            testCase "a venue that cannot be reached is exit 4" (fun () ->
                let answer = vrlg [ "conformance"; "--venue"; "http://127.0.0.1:1" ]
                ended 4 answer
                Expect.stringContains answer.Err "cannot be reached from this machine" "why")
            testCase "mainnet is not taken" (fun () ->
                let answer = vrlg [ "conformance"; "--venue"; "mainnet" ]
                ended 2 answer
                Expect.stringContains answer.Err "places orders" "why")
        ]
