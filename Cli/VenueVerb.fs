/// `vrlg venue`: the local venue, until Ctrl-C or SIGTERM.
module Vrlg.Cli.VenueVerb

open System
open System.Globalization
open System.Runtime.InteropServices
open System.Threading
open Argu
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Cli.VenueArguments
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue

let private scenario (name: string) : Scenario =
    match name with
    | "calm" -> Scenario.Calm
    | "rotation" -> Scenario.Rotation
    | "trend" -> Scenario.Trend
    | "stall" -> Scenario.Stall
    | other -> usage $"--scenario {other} is not known; say calm, rotation, trend or stall."

let private address (flag: string) (text: string) : string =
    let mutable parsed = Address()

    if Address.TryParse(text, &parsed) then
        string parsed
    else
        usage $"{flag}: {text} is no address; an address is 0x and 40 hex digits."

/// An amount above 0 in 1e-8, at most a thousand million.
let private amount (flag: string) (text: string) : int64 =
    match Decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) with
    | true, value when
        value > 0m
        && value <= 1_000_000_000m
        && value * 1e8m = Decimal.Truncate(value * 1e8m)
        ->
        int64 (value * 1e8m)
    | _ -> usage $"{flag}: {text} is no amount; say a decimal above 0 with at most 8 decimals."

let private halves (flag: string) (form: string) (text: string) (at: char) : struct (string * string) =
    match text.IndexOf at with
    | -1 -> usage $"{flag} {text} is not {form}."
    | i -> struct (text.Substring(0, i), text.Substring(i + 1))

let private fund (text: string) =
    let struct (who, usd) = halves "--fund" "ADDRESS=USDC" text '='
    struct (address "--fund" who, amount "--fund" usd)

let private fundSpot (text: string) =
    let form = "ADDRESS=TOKEN:AMOUNT"
    let struct (who, what) = halves "--fund-spot" form text '='
    let struct (name, size) = halves "--fund-spot" form what ':'

    match Listing.tokens |> Array.tryFind (fun t -> t.Name = name) with
    | Some token -> struct (address "--fund-spot" who, token.Index, amount "--fund-spot" size)
    | None ->
        let known = Listing.tokens |> Array.map (fun t -> t.Name) |> String.concat ", "
        usage $"--fund-spot: {name} is no token here; there are {known}."

let private speed (text: string) : float =
    match Double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) with
    | true, s when s >= 0.01 && s <= 1_000.0 -> s
    | _ -> usage $"--speed {text} is not between 0.01 and 1000."

let private options (r: ParseResults<VenueArgs>) (clock: TimeProvider) : VenueOptions =
    let port = r.GetResult(VenueArgs.Port, 3001)

    if port < 0 || port > 65_535 then
        usage $"--port {port} is no port; say 0 to 65535."

    let isMainnet =
        match r.GetResult(VenueArgs.Network, "testnet") with
        | "testnet" -> false
        | "mainnet" -> true
        | other -> usage $"--network {other} is not known; say testnet or mainnet."

    let hasLimits =
        match r.GetResult(VenueArgs.Limits, "off") with
        | "off" -> false
        | "venue" -> true
        | other -> usage $"--limits {other} is not known; say venue or off."

    let config: VenueConfig =
        {
            Seed = r.GetResult(VenueArgs.Seed, 1L)
            Scenario = scenario (r.GetResult(VenueArgs.Scenario, "calm"))
            Speed = speed (r.GetResult(VenueArgs.Speed, "1"))
            HasLimits = hasLimits
            Funds = r.GetResults VenueArgs.Fund |> List.map fund |> List.toArray
            SpotFunds = r.GetResults VenueArgs.Fund_Spot |> List.map fundSpot |> List.toArray
            Genesis = clock.GetUtcNow().ToUnixTimeMilliseconds()
        }

    VenueOptions(
        port,
        isMainnet,
        config,
        r.TryGetResult VenueArgs.State |> Option.toObj,
        r.TryGetResult VenueArgs.Faults |> Option.map FaultsFile.read |> Option.toObj,
        r.TryGetResult VenueArgs.Truth |> Option.toObj,
        r.TryGetResult VenueArgs.Record |> Option.toObj
    )

let private announce (isJson: bool) (port: int) =
    if isJson then
        JsonOut.print (fun w ->
            w.WriteStartObject()
            w.WriteString("http", $"http://127.0.0.1:{port}")
            w.WriteString("ws", $"ws://127.0.0.1:{port}/ws")
            w.WriteNumber("port", port)
            w.WriteEndObject())
    else
        Console.Out.WriteLine $"listening http://127.0.0.1:{port} ws://127.0.0.1:{port}/ws"

    Console.Out.Flush()

let private serve (r: ParseResults<VenueArgs>) =
    task {
        let clock = TimeProvider.System
        use stop = Pipeline.stopper ()
        use ended = new CancellationTokenSource()

        use either =
            CancellationTokenSource.CreateLinkedTokenSource(stop.Token, ended.Token)

        // A service manager ends a program so: the log is closed and the sentence said as after Ctrl-C.
        use _ =
            PosixSignalRegistration.Create(
                PosixSignal.SIGTERM,
                fun signal ->
                    signal.Cancel <- true
                    ended.Cancel()
            )

        let! host = VenueHost.Open(options r clock, clock)
        host.add_Said (fun sentence -> say sentence)
        announce (r.Contains VenueArgs.Json) host.Port
        let stopped = Tasks.Task.Delay(Timeout.Infinite, either.Token)
        let! first = Tasks.Task.WhenAny(stopped, host.Running)
        do! host.DisposeAsync()
        say $"stopped: {host.Pauses}."

        if not (obj.ReferenceEquals(first, stopped)) then
            do! host.Running

        return
            if stop.IsCancellationRequested then
                Exit.interrupted
            else
                Exit.terminated
    }

let run (r: ParseResults<VenueArgs>) : int =
    try
        (serve r).GetAwaiter().GetResult()
    with :? VenueException as e ->
        say e.Message
        if e.IsPortTaken then Exit.venue else Exit.refused
