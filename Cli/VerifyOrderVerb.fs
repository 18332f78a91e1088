/// `vrlg verify-order`: one order to a test network and back, with a word about every step.
module Vrlg.Cli.VerifyOrderVerb

open System
open Argu
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Cli.Screen
open Vrlg.Cli.VerifyOrderArguments
open Vrlg.Core

let private usd (whole: int64) = Usd.Of(whole * 100_000_000L)

let private address (text: string) : Address =
    let mutable parsed = Address()

    if Address.TryParse(text, &parsed) then
        parsed
    else
        usage $"--account: {text} is no address; an address is 0x and 40 hex digits."

let private network (name: string) : Network =
    let mutable trouble = ""

    match Network.Find(name, &trouble) with
    | null -> usage $"--venue: {trouble}."
    | found when found.IsMainnet ->
        usage "verify-order is for test networks: on mainnet every order is real. Say --venue testnet or --venue local."
    | found -> found

let private word (ended: CheckEnd) =
    match ended with
    | CheckEnd.Done -> "done"
    | CheckEnd.NotTried -> "not tried"
    | CheckEnd.Unreachable -> "unreachable"
    | CheckEnd.Refused -> "refused"
    | _ -> "in doubt"

let private json (network: Network) (loaded: LoadedKey) (account: Address) (report: CheckReport) =
    JsonOut.print (fun w ->
        w.WriteStartObject()
        w.WriteString("venue", network.Rest.ToString())
        w.WriteString("account", account.ToString())
        w.WriteString("signer", loaded.Key.Signer.ToString())
        w.WriteString("curve", loaded.Curve)
        w.WriteString("end", word report.End)

        match report.Order |> Option.ofNullable with
        | Some order ->
            w.WriteString("cloid", string order.Cloid)
            w.WriteString("px", string order.Px)
            w.WriteString("sz", string order.Sz)
        | None -> ()

        w.WriteNumber("oid", report.Oid)
        w.WriteNumber("ack_ms", Math.Round(report.AckMs, 1))
        w.WriteStartArray "steps"

        for step in report.Steps do
            w.WriteStringValue step

        w.WriteEndArray()
        w.WriteEndObject())

let private code (ended: CheckEnd) : int =
    match ended with
    | CheckEnd.Done -> Exit.done'
    | CheckEnd.NotTried -> Exit.refused
    | _ -> Exit.venue

/// What to do about the last sentence, where it is known.
let private next (network: Network) (ended: CheckEnd) (last: string) : string =
    if not network.Rest.IsLoopback then
        ""
    elif last.Contains("refused (", StringComparison.Ordinal) then
        "; is it running? Start one: vrlg venue"
    elif
        ended = CheckEnd.Refused
        && last.Contains(OrderCheck.OtherNetwork, StringComparison.Ordinal)
    then
        "; start one that takes ours: vrlg venue --network testnet"
    else
        ""

let run (r: ParseResults<VerifyOrderArgs>) : int =
    let network = network (r.GetResult VerifyOrderArgs.Venue)
    let account = address (r.GetResult VerifyOrderArgs.Account)
    let choice = KeyFlags.signer (r.TryGetResult VerifyOrderArgs.Signer)
    let folder = KeyFlags.stateFolder (r.TryGetResult VerifyOrderArgs.State)
    let isJson = r.Contains VerifyOrderArgs.Json

    let passphrase = KeyFlags.passphrase (r.TryGetResult VerifyOrderArgs.Passphrase)

    let policy = KeyPolicy(account, Nullable(), false, usd 100L, usd 1_000L, 1)
    let clock = RunClock TimeProvider.System
    let mutable trouble = ""

    match
        KeyFiles.Load(
            r.GetResult VerifyOrderArgs.Key,
            policy,
            choice,
            r.Contains VerifyOrderArgs.I_Know,
            passphrase,
            clock,
            &trouble
        )
    with
    | null -> refuse $"{trouble}."
    | loaded ->
        use key = loaded.Key

        match loaded.Notice with
        | null -> ()
        | notice -> say $"{notice}."

        if not isJson then
            Console.Out.WriteLine $"{network.Rest} for {account}: {key.Signer} signs for testnet with {loaded.Curve}"

        match Nonces.Open(folder, key.Signer, clock, &trouble) with
        | null -> refuse $"{trouble}."
        | nonces ->
            use nonces = nonces
            use stop = Pipeline.stopper ()

            use rest =
                new RestClient(network, WeightBudget(Weights.PerMinute, 0, clock), TimeSpan.FromSeconds 10.0, clock)

            let check = OrderCheck(key, nonces, rest, clock)

            let report =
                check.RunAsync(r.GetResult(VerifyOrderArgs.Coin, "BTC"), stop.Token).GetAwaiter().GetResult()

            let steps = List.ofSeq report.Steps
            let isDone = report.End = CheckEnd.Done

            if isJson then
                json network loaded account report
            else
                // Why it ended otherwise is said on standard error alone: a terminal shows both.
                for step in (if isDone then steps else List.take (steps.Length - 1) steps) do
                    Console.Out.WriteLine step

            if not isDone then
                let last = List.last steps
                say $"{last}{next network report.End last}."

            code report.End
