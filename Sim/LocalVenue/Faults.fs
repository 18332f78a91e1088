namespace Vrlg.Sim.LocalVenue

open System
open System.Collections.Immutable
open Vrlg.Core
open Vrlg.Sim

/// What goes wrong on purpose.
type FaultKind =
    /// What is sent waits, and all behind it.
    | Delay = 0
    /// What is sent never comes; what was asked was done.
    | Drop = 1
    /// A frame comes twice.
    | Duplicate = 2
    /// A frame comes behind the next one.
    | Reorder = 3
    /// The connection is cut.
    | Disconnect = 4
    /// The connection stays, and nothing comes or is heard on it any more.
    | HalfOpen = 5
    /// The request is answered 429 and not done.
    | Http429 = 6
    /// The request is answered 502.
    | Http502 = 7
    /// The last book is sent again instead of a new one.
    | StaleBook = 8
    /// The proposer whose turn it is is passed over.
    | SkipProposer = 9

/// One fault of a file. Times are milliseconds since the venue was opened; `UntilMs` is outside.
[<NoComparison; NoEquality>]
type Fault =
    {
        Kind: FaultKind
        Name: string
        FromMs: int64
        UntilMs: int64
        /// 1e-8.
        Probability: int64
        /// The channel of a frame or the path of a request without its stroke; empty for all that the kind knows.
        Channel: string
        DelayMs: int64
        /// Whether a request is done before it is answered 502.
        IsExecuted: bool
    }

/// Where a fault may strike.
type FaultPlace =
    | Frame = 0
    | Request = 1
    | Picture = 2
    | Block = 3

/// Reading `[[fault]]` tables, and the draws.
[<RequireQualifiedAccess>]
module Faults =
    let private kinds =
        [|
            "delay"
            "drop"
            "duplicate"
            "reorder"
            "disconnect"
            "half_open"
            "http_429"
            "http_502"
            "stale_book"
            "skip_proposer"
        |]

    let private requests = [| "info"; "exchange"; "explorer" |]
    let private pictures = [| "l2Book"; "bbo" |]

    let private frames =
        [|
            "pong"
            "subscriptionResponse"
            "error"
            "post"
            "allMids"
            "l2Book"
            "bbo"
            "trades"
            "candle"
            "activeAssetCtx"
            "activeSpotAssetCtx"
            "activeAssetData"
            "orderUpdates"
            "user"
            "userFills"
            "userFundings"
            "userNonFundingLedgerUpdates"
            "userHistoricalOrders"
            "userTwapSliceFills"
            "userTwapHistory"
            "twapStates"
            "clearinghouseState"
            "openOrders"
            "spotState"
            "webData2"
            "webData3"
            "notification"
            "assetCtxs"
            "spotAssetCtxs"
            "allDexsAssetCtxs"
            "allDexsClearinghouseState"
            "fastAssetCtxs"
            "explorerBlock"
            "explorerTxs"
        |]

    let private channels (kind: FaultKind) : string[] =
        match kind with
        | FaultKind.Delay
        | FaultKind.Drop -> Array.append frames requests
        | FaultKind.Http429
        | FaultKind.Http502 -> requests
        | FaultKind.StaleBook -> pictures
        | FaultKind.SkipProposer -> [||]
        | _ -> frames

    /// Whether a fault may strike at a place on a channel.
    let private fits (f: Fault) (place: FaultPlace) (channel: string) : bool =
        let isThere =
            match f.Kind with
            | FaultKind.Delay
            | FaultKind.Drop -> place = FaultPlace.Frame || place = FaultPlace.Request
            | FaultKind.Http429
            | FaultKind.Http502 -> place = FaultPlace.Request
            | FaultKind.StaleBook -> place = FaultPlace.Picture && Array.contains channel pictures
            | FaultKind.SkipProposer -> place = FaultPlace.Block
            | _ -> place = FaultPlace.Frame

        isThere && (f.Channel = "" || f.Channel = channel)

    /// Whether a fault may strike what is said now: its window is open, and its channel is this one.
    let concerns (f: Fault) (place: FaultPlace) (channel: string) (ms: int64) : bool =
        ms >= f.FromMs && ms < f.UntilMs && fits f place channel

    /// The `count`-th draw of the `index`-th fault of a file.
    let strikes (seed: int64) (index: int) (count: int64) (f: Fault) : bool =
        let key = Seed.key seed ("fault/" + string index)
        Seed.unit key count < float f.Probability * 1e-8

    // ---- the file ----

    let private forever = 1_000_000_000_000L

    let private keys: ImmutableArray<Key> =
        let key name kind fallback unit meaning : Key =
            {
                Path = "fault." + name
                Kind = kind
                Default = fallback
                Unit = unit
                Meaning = meaning
            }

        ImmutableArray.CreateRange
            [|
                key "kind" Kind.Text "\"?\"" "" "what goes wrong"
                key "from_ms" (Kind.Whole(0L, forever)) "0" "ms" "since the venue was opened"
                key "to_ms" (Kind.Whole(1L, forever)) (string forever) "ms" "when it ends"
                key "probability" (Kind.Exact(1L, 100_000_000L)) "1" "" "of each that it may strike"
                key "channel" Kind.Text "\"*\"" "" "what it may strike"
                key "delay_ms" (Kind.Whole(1L, 600_000L)) "1000" "ms" "how long a delay is"
                key "executed" Kind.Flag "false" "" "whether a request answered 502 was done"
            |]

    let private listed (words: string[]) = String.Join(", ", words)

    let private near (words: string[]) (word: string) =
        match Tree.nearest words word with
        | ValueSome n -> $"did you mean {n}?"
        | ValueNone -> $"it must be one of {listed words}"

    /// Problems of values that are each in their range.
    let private together (v: Values) (index: int) (row: Node) : Problem list =
        let at path =
            let place = v.At path
            if place.Line = 0 then row.At else place

        let name, channel = v.Text "fault.kind", v.Text "fault.channel"
        let from, until = v.Whole "fault.from_ms", v.Whole "fault.to_ms"
        let isGiven path = (v.At path).Line > 0

        [
            if index < 0 then
                let what =
                    if name = "?" then
                        $"this fault has no kind; add kind = one of {listed kinds}"
                    else
                        $"fault.kind is \"{name}\"; {near kinds name}"

                Problem.at (at "fault.kind") "fault.kind" what
            if from >= until then
                let what = $"fault.to_ms is {until}, not above fault.from_ms, which is {from}"

                Problem.at (at "fault.to_ms") "fault.to_ms" what

            if index >= 0 then
                let own = channels (enum<FaultKind> index)

                if channel <> "*" && own.Length = 0 then
                    let what = $"{name} knows no channel; leave it out"
                    Problem.at (at "fault.channel") "fault.channel" what
                elif channel <> "*" && not (Array.contains channel own) then
                    let what =
                        $"fault.channel \"{channel}\" is nothing that {name} strikes; {near own channel}"

                    Problem.at (at "fault.channel") "fault.channel" what

                if isGiven "fault.delay_ms" && name <> "delay" && name <> "skip_proposer" then
                    let what = $"{name} takes no delay_ms; delay and skip_proposer do"
                    Problem.at (at "fault.delay_ms") "fault.delay_ms" what

                if isGiven "fault.executed" && name <> "http_502" then
                    Problem.at (at "fault.executed") "fault.executed" $"{name} takes no executed; http_502 does"
        ]

    /// The reader of settings points to a list of its own keys.
    let private here (p: Problem) : Problem =
        { p with
            Sentence =
                p.Sentence.Replace(
                    "`vrlg config schema` lists the keys",
                    "its keys are kind, from_ms, to_ms, probability, channel, delay_ms, executed"
                )
        }

    let private readRow (row: Node) : Result<Fault, seq<Problem>> =
        let section: Entry =
            {
                Key = "fault"
                KeyAt = row.At
                Node = row
            }

        let one: Node =
            {
                Value = Value.Table(ImmutableArray.Create<Entry> section)
                At = row.At
            }

        let struct (v, wrong) = Reader.readAll keys one ImmutableArray.Empty
        let name, channel = v.Text "fault.kind", v.Text "fault.channel"
        let index = Array.IndexOf(kinds, name)

        let isWrong path =
            wrong |> Seq.exists (fun p -> p.Path = path)

        let more = together v index row |> List.filter (fun p -> not (isWrong p.Path))

        if wrong.IsEmpty && more.IsEmpty then
            Ok
                {
                    Kind = enum<FaultKind> index
                    Name = name
                    FromMs = v.Whole "fault.from_ms"
                    UntilMs = v.Whole "fault.to_ms"
                    Probability = v.Exact "fault.probability"
                    Channel = (if channel = "*" then "" else channel)
                    DelayMs = v.Whole "fault.delay_ms"
                    IsExecuted = v.Flag "fault.executed"
                }
        else
            Error(Seq.append (Seq.map here wrong) more)

    /// The faults of a file, or everything that is wrong with it.
    let ofTree (root: Node) : Result<Fault[], ImmutableArray<Problem>> =
        let problems = ImmutableArray.CreateBuilder<Problem>()
        let found = ResizeArray<Fault>()

        match root.Value with
        | Value.Table entries ->
            for e in entries do
                match e.Key, e.Node.Value with
                | "fault", Value.Many rows ->
                    for row in rows do
                        match readRow row with
                        | Ok f -> found.Add f
                        | Error bad -> problems.AddRange bad
                | "fault", _ ->
                    let what = "faults are a list; write [[fault]], in double brackets"
                    problems.Add(Problem.at e.KeyAt "fault" what)
                | key, _ -> problems.Add(Problem.at e.KeyAt key $"{key} is not known here; list faults as [[fault]]")
        | other -> problems.Add(Problem.at root.At "" $"the file must hold [[fault]] tables, not {Tree.word other}")

        if problems.Count > 0 then
            Error(problems.ToImmutable())
        else
            Ok(found.ToArray())
