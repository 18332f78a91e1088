/// What several verbs say about keys: which library signs, passphrases, where nonces are kept.
module Vrlg.Cli.KeyFlags

open System
open System.IO
open System.Text
open Vrlg.Adapters.Hyperliquid
open Vrlg.Cli.Screen

let signer (name: string option) : SignerChoice =
    match name with
    | None
    | Some "native" -> SignerChoice.Native
    | Some "managed" -> SignerChoice.Managed
    | Some other -> usage $"--signer {other} is not known; say native or managed."

/// Where nonces are kept unless a flag says otherwise: the user's folder for state.
let stateFolder (named: string option) : string =
    let fallback () =
        let home = Environment.GetFolderPath Environment.SpecialFolder.UserProfile

        if home = "" then
            usage "there is no home folder; name one for the nonces with --state DIR."

        Path.Combine(home, ".local", "state", "vrlg")

    match named with
    | Some folder -> folder
    | None ->
        match Environment.GetEnvironmentVariable "XDG_STATE_HOME" with
        | null
        | "" -> fallback ()
        | state -> Path.Combine(state, "vrlg")

/// What is typed, without showing it; nothing when it was given up.
let private typed (path: string) : string option =
    if Console.IsInputRedirected then
        None
    else
        Console.Error.Write $"passphrase of {path}: "
        let text = StringBuilder()
        let mutable isOver = false

        while not isOver do
            let pressed = Console.ReadKey true

            match pressed.Key with
            | ConsoleKey.Enter -> isOver <- true
            | ConsoleKey.Backspace when text.Length > 0 -> text.Length <- text.Length - 1
            | _ when pressed.KeyChar >= ' ' -> text.Append pressed.KeyChar |> ignore<StringBuilder>
            | _ -> ()

        Console.Error.WriteLine()
        Some(text.ToString())

/// How a keystore's passphrase is asked for: from the environment where a flag says so, which is then emptied, else the terminal.
let passphrase (reference: string option) : Func<string, string | null> =
    match reference with
    | None -> Func<string, string | null>(fun path -> Option.toObj (typed path))
    | Some text when text.StartsWith("env:", StringComparison.Ordinal) && text.Length > 4 ->
        let name = text.Substring 4
        let value = KeyFiles.TakePassphrase name
        Func<string, string | null>(fun _ -> value)
    | Some _ -> usage "--passphrase names the environment: env:NAME."
