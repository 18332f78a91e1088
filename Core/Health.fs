namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// Limits of age and silence. All compare arrival instants.
[<NoComparison>]
type HealthConfig =
    {
        /// Oldest book on which an opening order may be decided.
        MaxBookAge: Duration
        /// Silence after a command that makes the order's fate unknown.
        AckLimit: Duration
        /// How long after its sending an order may still arrive: its expiry at the venue.
        ArrivalLimit: Duration
        /// How many agreeing looks at an account end the doubt after a drift.
        Agreements: int
    }

    static member Default: HealthConfig =
        {
            MaxBookAge = Duration.OfMs 2_000L
            AckLimit = Duration.OfMs 3_000L
            ArrivalLimit = Duration.OfMs 10_000L
            Agreements = 2
        }

/// Whether the house may trade: cold, ready, degraded, or halted for good. The halt is a latch (I2).
[<Sealed>]
type Health private (accounts: int) =
    member val private Maker: Owner = null with get, set
    /// Per account: 0 never seen, 1 agreed, above 1 looks still owed after a drift or a lost feed.
    member val private Owed: int[] = Array.zeroCreate accounts with get, set
    member val Halt: HaltReason voption = ValueNone with get, private set
    /// Latched: nothing lifts it within a run.
    member val IsHalted = false with get, private set
    member val IsPaused = false with get, private set

    static member Cold(accounts: int) = Health accounts

    member private h.Next(by: Owner) : Health =
        if not (isNull by) && obj.ReferenceEquals(h.Maker, by) then
            h
        else
            let copy = h.MemberwiseClone() :?> Health
            copy.Maker <- by
            copy.Owed <- Array.copy h.Owed
            copy

    /// Per account the looks that are owed: 0 never seen, 1 agreed.
    member internal h.Looks: ReadOnlySpan<int> = ReadOnlySpan h.Owed

    member h.Fitness: Fitness =
        match h.Halt with
        | ValueSome reason -> Fitness.Halted reason
        | ValueNone ->
            if Array.contains 0 h.Owed then
                Fitness.Cold
            elif h.IsPaused then
                Fitness.Degraded "paused by the operator"
            elif Array.exists (fun owed -> owed > 1) h.Owed then
                Fitness.Degraded "an account must be looked at again"
            else
                Fitness.Ready

    /// Allocation-free form of `Fitness = Ready`, for the path.
    member h.IsReady =
        let mutable agreed = true

        for owed in h.Owed do
            if owed <> 1 then
                agreed <- false

        agreed && not h.IsHalted && not h.IsPaused

    /// The first reason stays: a later one cannot soften or replace it.
    member h.Halted(by: Owner, reason: HaltReason) : Health =
        if h.IsHalted then
            h
        else
            let next = h.Next by
            next.Halt <- ValueSome reason
            next.IsHalted <- true
            next

    member h.Paused(by: Owner, paused: bool) : Health =
        let next = h.Next by
        next.IsPaused <- paused
        next

    /// After a look at an account: a first look makes it known; a drift owes `agreements` more; an agreement pays one.
    member h.Seen(by: Owner, account: AccountId, drifted: bool, agreements: int) : Health =
        if account.Index < 0 || account.Index >= accounts then
            h
        else
            let next = h.Next by
            let was = next.Owed[account.Index]

            next.Owed[account.Index] <-
                if was = 0 then 1
                elif drifted then 1 + agreements
                else max 1 (was - 1)

            next

    /// The account was looked at, and no other look is owed: what is held is what the venue says.
    member h.Knows(account: AccountId) : bool =
        uint account.Index < uint accounts && h.Owed[account.Index] = 1

    /// Looks are owed before anything opens.
    member h.Owes(account: AccountId) : bool =
        uint account.Index < uint accounts && h.Owed[account.Index] > 1

    /// After a time in which an account's news may have been missed: one agreeing look is owed.
    member h.Missed(by: Owner, account: AccountId) : Health =
        if account.Index < 0 || account.Index >= accounts || h.Owed[account.Index] <> 1 then
            h
        else
            let next = h.Next by
            next.Owed[account.Index] <- 2
            next

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Health =
    /// Proof that an instrument's data was young at one step. Only `fresh` makes one, so an opening order on stale data
    /// cannot be spelled (I7).
    [<NoComparison; NoEquality>]
    type Fresh =
        private
        | Fresh of instrument: InstrumentId * seq: int64

        member f.Instrument = let (Fresh(instrument, _)) = f in instrument
        member f.Seq = let (Fresh(_, seq)) = f in seq

    /// The witness for step `seq` at `now`, or nothing when the instrument has no whole, uncrossed quotes, its feed is lost, it
    /// is in a gap, or the channel of its quotes has been silent for longer than the limit.
    let fresh (c: HealthConfig) (now: Instant) (seq: int64) (instrument: InstrumentId) (m: Market) : Fresh voption =
        let touch = m.Touch
        let age: Duration = now - m.TouchAt

        if
            not m.IsSeen
            || m.IsLost
            || m.InGap
            || not touch.IsSound
            || age.Ns > c.MaxBookAge.Ns
        then
            ValueNone
        else
            ValueSome(Fresh(instrument, seq))
