/// A desk that says what a story tells it to say, and an engine that hears what the story makes it hear.
module Vrlg.Stories.Script

open System.Collections.Immutable
open Vrlg.Core
open Vrlg.Stories.Given

[<Sealed; AllowNullLiteral>]
type private Line(next: int) =
    member _.Next = next

/// Says the lines of a script, one a heartbeat, then nothing.
let private scripted (lines: Intent list[]) : IStrategy =
    let decide =
        Decide<Line>(fun line _ event ->
            if event.Kind = EventKind.Ticked && line.Next < lines.Length then
                struct (Line(line.Next + 1), ImmutableArray.CreateRange lines[line.Next])
            else
                struct (line, ImmutableArray.Empty))

    Strategy.Make("scripted", Line 0, decide)

let slot (side: Side) (name: int) : Slot =
    {
        Instrument = id
        Side = side
        Name = name
    }

let bid = slot Side.Buy 0
let ask = slot Side.Sell 0
let exit = slot Side.Sell 1
let px (units: int64) = Px.Of(units * one)
let sz (units: int64) = Sz.Of(units * one)

let quote slot price size =
    Quote(slot, px price, sz size, QuoteTerms.UntilPulled)

let quoteUntil slot price size (ms: int64) =
    Quote(slot, px price, sz size, QuoteTerms.Until(Instant.OfMs ms))

let private configOf (rules: Instrument) (accounts: int) : Config =
    {
        Instruments = ImmutableArray.Create<Instrument> rules
        Accounts = ImmutableArray.CreateRange(Seq.replicate accounts (VenueId.Of 0))
        Health = HealthConfig.Default
        Budget = Budget.Unlimited
        MaxLoss = Usd.Of 0L
        Stall = StallConfig.Off
        Hedge = HedgeConfig.Off
    }

let private desk lines : Desk =
    {
        Name = "scripted"
        Instruments = ImmutableArray.Create<InstrumentId> id
        Strategy = scripted (List.toArray lines)
        Plan =
            {
                Account = AccountId.Of 0
                Limits =
                    {
                        MaxPosition = sz 100L
                        MaxOrder = Usd.Of(1_000_000L * one)
                        MaxOpenOrders = 10
                        BandBps = 5_000
                        AllowsMarketEntries = true
                    }
                Health = HealthConfig.Default
                RetryRefused = false
                BackstopBps = 0
                ToleranceBps = 100
            }
    }

/// The usual run: one account, one instrument.
let config: Config = configOf instrument 1

/// What a story can make happen, at a time in milliseconds; where they matter, `rules` of the instrument, `plan` of the desk,
/// how many accounts there are, and the venue's instant of the first look.
type Stage
    (
        lines: Intent list list,
        ?rules: Instrument,
        ?plan: PlanConfig -> PlanConfig,
        ?accounts: int,
        ?seenAt: int64,
        ?config: Config,
        ?strategy: IStrategy
    ) =
    let config =
        match config with
        | Some c -> c
        | None -> configOf (defaultArg rules instrument) (defaultArg accounts 1)

    let desk = desk lines

    let changed =
        { desk with
            Strategy = defaultArg strategy desk.Strategy
            Plan = (defaultArg plan (fun p -> p)) desk.Plan
        }

    let mutable state = Engine.create config [| changed |]
    let mutable seq = 0L
    let mutable trade = 0L
    let commands = ResizeArray<string>()
    let notes = ResizeArray<Note>()
    let cancelledOn = ResizeArray<int>()

    let step (ms: int64) (event: Event) =
        let input = Stamped(seq, Instant.OfMs ms, event)
        seq <- seq + 1L
        let struct (next, output) = Engine.step config state &input
        state <- next
        commands.Clear()

        if not output.Commands.IsDefaultOrEmpty then
            for c in output.Commands do
                match c with
                | Place a ->
                    let o = a.Order
                    let cloid = o.Cloid
                    let reduce = if o.ReduceOnly then " reduce-only" else ""
                    let trigger = if o.IsStop then $" trigger {o.Trigger}" else ""
                    commands.Add $"place {cloid.N} {Words.side o.Side} {o.Sz}@{o.Px} {Words.tif o.Tif}{reduce}{trigger}"
                | Cancel(_, instrument, cloid) ->
                    commands.Add $"cancel {cloid.N}"
                    cancelledOn.Add instrument.Index
                | Query(_, _, cloid) -> commands.Add $"query {cloid.N}"
                | Resync _ -> commands.Add "resync"
                | Quit _ -> commands.Add "quit"

        if not output.Notes.IsDefaultOrEmpty then
            notes.AddRange output.Notes

        List.ofSeq commands

    do
        let seen: AccountFacts =
            {
                Account = AccountId.Of 0
                Cash = Usd.Of(1_000_000L * one)
                Positions = ImmutableArray.Empty
                Open = ImmutableArray.Empty
            }

        step 0L (Event.Of(RareEvent.RunStarted { Run = 1L; FirstCloid = 1L }, Instant.OfMs 0L))
        |> ignore

        step 0L (Event.Of(RareEvent.AccountSeen seen, Instant.OfMs(defaultArg seenAt 0L)))
        |> ignore

        step 1L (Event.LevelMoved(id, Side.Buy, px 99L, sz 10L, Instant.OfMs 1L))
        |> ignore

        step 1L (Event.LevelMoved(id, Side.Sell, px 103L, sz 10L, Instant.OfMs 1L))
        |> ignore

    member _.State = state
    member _.Notes = notes
    /// Whatever a story wants heard; answers with the commands that it brought.
    member _.Hear(ms: int64, event: Event) = step ms event

    /// The instruments of all cancels so far.
    member _.CancelledOn = List.ofSeq cancelledOn
    /// Each answers with the commands that it brought.
    member _.Beat(ms: int64) = step ms (Event.Ticked(Instant.OfMs ms))

    member _.Level(ms: int64, side, price, size) =
        step ms (Event.LevelMoved(id, side, px price, sz size, Instant.OfMs ms))

    member _.Told(ms: int64, n: int64, answer: Answer) =
        let reply: Reply =
            {
                Account = AccountId.Of 0
                Instrument = id
                Cloid = { Run = 1L; N = n }
                Answer = answer
            }

        step ms (Event.Of(RareEvent.Replied reply, Instant.OfMs ms))

    member s.Accepted(ms: int64, n: int64) = s.Told(ms, n, Answer.Accepted n)

    member s.Cancelled(ms: int64, n: int64, filled: int64) =
        s.Told(ms, n, Answer.Ended(OrderStatus.Cancelled "canceled", ValueSome(sz filled)))

    member s.Refused(ms: int64, n: int64) =
        s.Told(ms, n, Answer.Refused(OrderStatus.Rejected "badAloPxRejected"))

    member s.Filled(ms: int64, n: int64, side: Side, price: int64, size: int64, cumulative: int64) =
        s.FilledAsOf(ms, ms, n, side, price, size, cumulative)

    /// A fill that happened at the venue's instant `asOf`.
    member _.FilledAsOf(ms: int64, asOf: int64, n: int64, side, price: int64, size: int64, cumulative: int64) =
        trade <- trade + 1L

        let fill: Fill =
            {
                Account = AccountId.Of 0
                Instrument = id
                Cloid = { Run = 1L; N = n }
                TradeId = trade
                Side = side
                Px = px price
                Sz = sz size
                Fee = Usd.Of 0L
                Cumulative = sz cumulative
                IsMaker = true
            }

        step ms (Event.Of(RareEvent.Filled fill, Instant.OfMs asOf))


    /// The venue's word about the account: a position at 100, and its open orders of the run's number.
    member s.Seen(ms: int64, position: int64, ?orders: int64 list) =
        s.SeenAsOf(ms, ms, position, [ for n in defaultArg orders [] -> { Run = 1L; N = n } ])

    /// The same, as it was at the venue's instant `asOf`, orders by their full names.
    member _.SeenAsOf(ms: int64, asOf: int64, position: int64, orders: Cloid list) =
        let held: HeldPosition =
            {
                Instrument = id
                Position = sz position
                AvgPx = px 100L
            }

        let seen: AccountFacts =
            {
                Account = AccountId.Of 0
                Cash = Usd.Of(1_000_000L * one)
                Positions = ImmutableArray.Create<HeldPosition> held
                Open = ImmutableArray.CreateRange [ for c in orders -> { Instrument = id; Cloid = c } ]
            }

        step ms (Event.Of(RareEvent.AccountSeen seen, Instant.OfMs asOf))

    /// The first look at another account: flat, with some cash.
    member _.SeenOn(account: int, ms: int64, cash: int64) =
        let seen: AccountFacts =
            {
                Account = AccountId.Of account
                Cash = Usd.Of(cash * one)
                Positions = ImmutableArray.Empty
                Open = ImmutableArray.Empty
            }

        step ms (Event.Of(RareEvent.AccountSeen seen, Instant.OfMs ms))

    /// How often a wish was refused, as noted.
    member _.Refusals =
        notes
        |> Seq.filter (fun n ->
            match n with
            | Refused _ -> true
            | _ -> false)
        |> Seq.length

    member _.Operator(ms: int64, order: OperatorOrder) =
        step ms (Event.Of(RareEvent.Operator order, Instant.OfMs ms))

    member _.Position =
        let held = state.Facts.Ledger.Position(AccountId.Of 0, id)
        held.Size.Raw / one
