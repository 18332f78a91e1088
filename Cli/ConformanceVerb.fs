/// `vrlg conformance`: one script of requests against a venue, held against the protocol reference.
module Vrlg.Cli.ConformanceVerb

open System
open System.Threading
open Argu
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Cli.ConformanceArguments
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell.Conformance

let private network (name: string) : Network =
    let mutable trouble = ""

    match Network.Find(name, &trouble) with
    | null -> usage $"--venue: {trouble}."
    | network when network.IsMainnet ->
        usage "--venue mainnet is not taken: the script places orders; say testnet or local."
    | network -> network

let private account (r: ParseResults<ConformanceArgs>) : Address =
    match r.TryGetResult ConformanceArgs.Account with
    | None when r.Contains ConformanceArgs.I_Know -> Address()
    | None ->
        usage "--key needs --account, the address that approved it; or --i-know, where it is the account's own key."
    | Some text ->
        let mutable parsed = Address()

        if Address.TryParse(text, &parsed) then
            parsed
        else
            usage $"--account: {text} is no address; an address is 0x and 40 hex digits."

/// Small amounts: the script's orders are worth 15 USD each.
let private policy (master: Address) : KeyPolicy =
    let usd (whole: int64) = Usd.Of(whole * 100_000_000L)
    KeyPolicy(master, Nullable(), false, usd 100L, usd 10_000L, 50)

let private load (r: ParseResults<ConformanceArgs>) (reference: string) (master: Address) : TradingKey =
    let mutable trouble = ""

    let loaded =
        KeyFiles.Load(
            reference,
            policy master,
            KeyFlags.signer (r.TryGetResult ConformanceArgs.Signer),
            r.Contains ConformanceArgs.I_Know,
            KeyFlags.passphrase (r.TryGetResult ConformanceArgs.Passphrase),
            TimeProvider.System,
            &trouble
        )

    match loaded with
    | null -> refuse $"{trouble}."
    | loaded ->
        match loaded.Notice with
        | null -> ()
        | notice -> say $"{notice}."

        loaded.Key

/// Orders of a key that is another account's, or nobody's, would be told as differences: it is refused before the script. A venue
/// that does not answer is left to the script, which says so.
let private refuseStranger (network: Network) (key: TradingKey) (patience: TimeSpan) (stop: CancellationToken) =
    let clock = RunClock TimeProvider.System

    use rest =
        new RestClient(network, WeightBudget(Weights.PerMinute, 0, clock), patience, clock)

    let role = SignerRole.AskAsync(rest, key, stop).GetAwaiter().GetResult()

    match role.Refusal with
    | null -> ()
    | _ when role.IsSilent -> ()
    | why -> refuse $"{why}."

let private json (venue: string) (result: ConformanceResult) =
    JsonOut.print (fun w ->
        w.WriteStartObject()
        w.WriteString("venue", venue)
        w.WriteNumber("asked", result.Asked)
        w.WriteNumber("withKey", result.WithKey)
        w.WriteString("unreachable", result.Unreachable)
        w.WriteStartArray "differences"

        for d in result.Differences do
            w.WriteStartObject()
            w.WriteString("request", d.Request)
            w.WriteString("where", d.Where)
            w.WriteString("expected", d.Expected)
            w.WriteString("got", d.Got)
            w.WriteEndObject()

        w.WriteEndArray()
        w.WriteEndObject())

let private shown (venue: string) (result: ConformanceResult) =
    if result.Differences.Count > 0 then
        let columns = [ "request", Left; "where", Left; "expected", Left; "got", Left ]

        table
            ""
            columns
            [
                for d in result.Differences do
                    [ d.Request; d.Where; d.Expected; d.Got ]
            ]

    let asked = counted (int64 result.Asked) "request"

    let signed =
        if result.WithKey = 0 then
            "none of them signed by a key of yours"
        else
            $"{result.WithKey} of them signed"

    let found = counted (int64 result.Differences.Count) "difference"
    paragraph 0 $"{venue}: {asked}, {signed}; {found} from the protocol reference"

let run (r: ParseResults<ConformanceArgs>) : int =
    let name = r.GetResult ConformanceArgs.Venue
    let network = network name
    let patience = r.GetResult(ConformanceArgs.Patience, 15)

    if patience < 1 || patience > 600 then
        usage $"--patience {patience} is not between 1 and 600."

    let patience = TimeSpan.FromSeconds(float patience)
    use stop = Pipeline.stopper ()

    let ask (key: TradingKey | null) (nonces: Nonces | null) =
        ConformanceRun.Run(network, key, nonces, patience, stop.Token).GetAwaiter().GetResult()

    let result =
        match r.TryGetResult ConformanceArgs.Key with
        | None -> ask null null
        | Some reference ->
            use key = load r reference (account r)
            refuseStranger network key patience stop.Token
            let folder = KeyFlags.stateFolder (r.TryGetResult ConformanceArgs.State)
            let mutable trouble = ""

            match Nonces.Open(folder, key.Signer, TimeProvider.System, &trouble) with
            | null -> refuse $"{trouble}."
            | nonces ->
                use nonces = nonces
                ask key nonces

    if r.Contains ConformanceArgs.Json then
        json name result
    elif isNull result.Unreachable then
        shown name result

    match result.Unreachable with
    | null ->
        if result.Differences.Count = 0 then
            Exit.done'
        else
            Exit.refused
    | why ->
        let next =
            if name = "local" then
                "start one: vrlg venue"
            else
                "run it where the venue can be reached"

        say $"{why}; {next}."
        Exit.venue
