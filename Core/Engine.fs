namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// The engine: the only place where market facts, orders, positions, health and wishes meet.
[<RequireQualifiedAccess>]
module Engine =
    let private hears (desk: Desk) =
        let mutable mask = 0UL

        for id in desk.Instruments do
            mask <- mask ||| (1UL <<< (id.Index &&& 63))

        mask

    /// Why desks cannot trade side by side; nothing when they can. The venue nets the positions of an account: two desks on one
    /// instrument of it would each take the other's fills for its own.
    let private clash (c: Config) (desks: Desk[]) : string voption =
        let mutable found = ValueNone

        for d in 0 .. desks.Length - 1 do
            let desk = desks[d]
            let account = desk.Plan.Account.Index

            if uint account >= uint c.Accounts.Length then
                found <- ValueSome $"desk {desk.Name} trades on account {account}, which the run does not have"

            for e in 0 .. d - 1 do
                let other = desks[e]

                for id in desk.Instruments do
                    if other.Plan.Account.Index = account && other.Instruments.Contains id then
                        found <-
                            ValueSome
                                $"desks {other.Name} and {desk.Name} both trade instrument {id.Index} on account {account}"

        found

    /// A state before any event: cold, empty, shared. Desks that clash are refused: the state is halted from the start, says
    /// why, and trades nothing.
    [<CompiledName "Create">]
    let create (c: Config) (desks: Desk[]) : State =
        let facts = Facts(Seq.toArray c.Instruments, c.Accounts.Length)
        facts.Budgets <- Array.create c.Accounts.Length c.Budget

        let allowed =
            match clash c desks with
            | ValueNone -> desks
            | ValueSome why ->
                facts.Health <- facts.Health.Halted(null, HaltReason.BrokenInvariant why)

                desks
                |> Array.map (fun desk ->
                    { desk with
                        Instruments = ImmutableArray.Empty
                    })

        let states =
            allowed
            |> Array.map (fun desk ->
                {
                    Desk = desk
                    Hears = hears desk
                    Strategy = desk.Strategy
                    Wanted = Wanted.Empty
                })

        let state = State(facts, states)

        if c.Stall.IsOn then
            let venues =
                Seq.append c.Accounts (c.Instruments |> Seq.map (fun i -> i.Venue))
                |> Seq.fold (fun most (venue: VenueId) -> max most (venue.Index + 1)) 0

            state.StallArray <- Array.init venues (fun _ -> Stall.Start c.Stall)

        state

    /// The same state for one owner, who steps it linearly: every step changes it in place. An earlier owner's right ends.
    [<CompiledName "Own">]
    let own (s: State) : State =
        if not (isNull s.Token) then
            s.Token.Release()

        let token = Owner()
        let copy = s.Next token
        copy.Token <- token
        copy

    /// Several states for one owner who steps them side by side over one market: a market event is stepped by the first of them
    /// (`step`) and followed by the others (`follow`), and its book is kept once. All have the instruments of the first.
    [<CompiledName "OwnTogether">]
    let ownTogether (states: State[]) : State[] =
        let token = Owner()
        let mutable markets = null

        states
        |> Array.map (fun s ->
            if not (isNull s.Token) then
                s.Token.Release()

            let copy = s.Next token
            copy.Token <- token
            copy.Facts <- copy.Facts.Next token

            match markets with
            | null -> markets <- copy.Facts.MarketArray
            | shared -> copy.Facts.MarketArray <- shared

            copy)

    /// Ends the owner's right to change the state: it may be kept, compared and forked from now on.
    [<CompiledName "Share">]
    let share (s: State) : State =
        if not (isNull s.Token) then
            s.Token.Release()

        s.Next null

    let private ask (by: Owner) (s: State) (now: Instant) (d: int) (event: inref<Event>) (out: Outbox) =
        let was = s.DeskArray[d]
        let id = DeskId.Of d
        let view = View(s.Facts, now, id, was.Desk.Plan.Account)
        let struct (successor, intents) = was.Strategy.Next(view, &event)
        // A foreign strategy may answer with nothing at all: then it stays as it was.
        let next = if isNull (box successor) then was.Strategy else successor

        if not (obj.ReferenceEquals(next, was.Strategy)) then
            s.DeskArray[d] <- { was with Strategy = next }

        if not intents.IsDefaultOrEmpty then
            let mutable wanted = was.Wanted

            for intent in intents do
                wanted <- Wishes.speak by id was.Desk.Instruments s.Facts intent wanted out

            s.DeskArray[d] <- { s.DeskArray[d] with Wanted = wanted }
            s.IsDirty <- true

    let private askAll (by: Owner) (s: State) (input: inref<Stamped>) (out: Outbox) =
        let moved = s.Moved
        let slots = s.MovedSlots
        s.Moved <- 0UL

        if not slots.IsEmpty then
            s.MovedSlots <- ImmutableArray.Empty

            for struct (desk, slot) in slots do
                let told = Event.SlotMoved slot
                ask by s input.At desk.Index &told out

        if moved <> 0UL then
            for d in 0 .. s.DeskArray.Length - 1 do
                if s.DeskArray[d].Hears &&& moved <> 0UL then
                    ask by s input.At d &input.Event out

    /// What opens is pulled on a lost feed, guards and exits stay; halted or flattening, everything is, and what is held leaves.
    let private temper (by: Owner) (s: State) (now: Instant) =
        let leaves = s.IsFlattening || s.Facts.Health.IsHalted

        for d in 0 .. s.DeskArray.Length - 1 do
            let desk = s.DeskArray[d]

            for id in desk.Desk.Instruments do
                if s.Facts.Has id then
                    let market = s.Facts.Market id

                    if leaves || market.IsLost then
                        let was = s.DeskArray[d].Wanted

                        let pulled =
                            if leaves then
                                Leaving.pullAll by id was
                            else
                                Leaving.pullOpening by id was

                        let wanted =
                            if leaves then
                                Leaving.flatten by desk.Desk.Plan now (DeskId.Of d) id pulled s.Facts
                            else
                                pulled

                        s.DeskArray[d] <- { s.DeskArray[d] with Wanted = wanted }

    /// A desk's plan with what its strategy forbids itself.
    let private planOf (desk: DeskState) : PlanConfig =
        let plan = desk.Desk.Plan

        match desk.Strategy with
        | :? IRestrained as r when r.ForbidsMarketEntries ->
            { plan with
                Limits =
                    { plan.Limits with
                        AllowsMarketEntries = false
                    }
            }
        | _ -> plan

    let private stepOf (by: Owner) (s: State) (d: int) (input: inref<Stamped>) : PlanStep =
        let desk = s.DeskArray[d]

        {
            By = by
            Config = planOf desk
            Now = input.At
            Seq = input.Seq
            Desk = DeskId.Of d
            Run = s.Run
        }

    /// Positions whose guard stands are protected at the exchange too.
    let private protect (by: Owner) (s: State) (input: inref<Stamped>) =
        let leaves = s.IsFlattening || s.Facts.Health.IsHalted

        for d in 0 .. s.DeskArray.Length - 1 do
            let desk = s.DeskArray[d]

            if desk.Desk.Plan.BackstopBps > 0 then
                let step = stepOf by s d &input
                let mutable wanted = desk.Wanted

                for id in desk.Desk.Instruments do
                    if s.Facts.Has id then
                        wanted <- Backstop.keep step leaves id wanted s.Facts

                if not (obj.ReferenceEquals(wanted, desk.Wanted)) then
                    s.DeskArray[d] <- { desk with Wanted = wanted }

    let private planPass (by: Owner) (s: State) (pass: Slots.Pass) (input: inref<Stamped>) (out: Outbox) =
        for d in 0 .. s.DeskArray.Length - 1 do
            let desk = s.DeskArray[d]

            let step = stepOf by s d &input

            let struct (wanted, facts, n) =
                Slots.plan step pass s.NextCloid desk.Wanted s.Facts out

            s.Facts <- facts
            s.NextCloid <- n

            if not (obj.ReferenceEquals(wanted, desk.Wanted)) then
                s.DeskArray[d] <- { desk with Wanted = wanted }

    let private planAll (by: Owner) (config: Config) (s: State) (input: inref<Stamped>) (out: Outbox) =
        s.IsDirty <- false
        out.IsWaiting <- s.IsFlattening || s.Facts.Health.IsHalted
        out.Deadline <- Instant.Of Int64.MaxValue
        protect by s &input
        planPass by s Slots.Pass.Cancels &input out
        planPass by s Slots.Pass.Places &input out
        Waiting.wakeForAnswers config s out
        s.IsWaiting <- out.IsWaiting
        s.Deadline <- out.Deadline

    let private outputOf (out: Outbox) : Output =
        if out.Commands.Count = 0 && out.Notes.Count = 0 then
            Output.Silent
        else
            {
                Commands = ImmutableArray.CreateRange out.Commands
                Notes = ImmutableArray.CreateRange out.Notes
            }

    let private stepBy
        (isSeen: bool)
        (config: Config)
        (state: State)
        (input: inref<Stamped>)
        : struct (State * Output) =
        let by = Owner.live state.Token
        let s = state.Next by
        let out = if isNull by then Outbox() else s.Scratch
        out.Clear()

        if s.StallArray.Length > 0 then
            Stalls.hear by s &input out

        match input.Event.Kind with
        | EventKind.LevelMoved
        | EventKind.BookMoved
        | EventKind.BboMoved
        | EventKind.Traded
        | EventKind.ContextMoved when isSeen -> Learn.marketSeen s input.Event.Instrument
        | EventKind.LevelMoved
        | EventKind.BookMoved
        | EventKind.BboMoved
        | EventKind.Traded
        | EventKind.ContextMoved -> Learn.market by s &input
        | EventKind.Ticked ->
            Learn.tick by s input.Event.Grid
            Learn.lossLimit by config s out
        | EventKind.FeedLost
        | EventKind.FeedBack when input.Event.Channel = Channel.Blocks -> Stalls.feed isSeen by config s &input.Event
        | EventKind.FeedLost -> Learn.feed isSeen by config s input.At &input.Event true out
        | EventKind.FeedBack -> Learn.feed isSeen by config s input.At &input.Event false out
        | EventKind.BlockSealed -> Stalls.block isSeen by s &input
        | EventKind.Alive
        | EventKind.SlotMoved
        | EventKind.None -> ()
        | _ -> Learn.rare by config s &input out

        if not input.Event.IsPart then
            if input.At.Ns >= s.Deadline.Ns then
                Waiting.overdue by config s input.At out
                s.IsDirty <- true

            askAll by s &input out

            if input.Event.Kind = EventKind.Ticked then
                Hedging.tick by config.Hedge s input.At input.Event.Grid out

            if s.IsDirty || s.IsWaiting then
                temper by s input.At
                planAll by config s &input out

        struct (s, outputOf out)

    /// One event in, the next state and what to do about it out. Facts first, then opinions, then actions. Total: reads no
    /// clock, draws no number, throws nothing. On a state that is shared it is pure; on an owned one it changes in place.
    [<CompiledName "Step">]
    let step (config: Config) (state: State) (input: inref<Stamped>) : struct (State * Output) =
        stepBy false config state &input

    /// The same on a state owned together with others (`ownTogether`), after one of them has stepped this event: a market
    /// event is known already.
    [<CompiledName "Follow">]
    let follow (config: Config) (state: State) (input: inref<Stamped>) : struct (State * Output) =
        stepBy true config state &input

    /// A desk's gauges at a state: the named numbers of its strategy, empty where it shows none.
    [<CompiledName "Gauges">]
    let gauges (s: State) (desk: DeskId) : ImmutableArray<struct (string * float)> =
        match s.DeskArray[desk.Index].Strategy with
        | :? IGauged as g -> g.Gauges
        | _ -> ImmutableArray.Empty
