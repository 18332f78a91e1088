namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// What is remembered of the looks at one instrument of one account.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type HoldingLook =
    {
        /// The venue's instant of the look whose position was taken: every older fill is in it. 0 none.
        TakenAt: Instant
        /// A difference that our orders may explain: what both sides said, since when, and in how many looks. 0 looks: none.
        Ours: Sz
        Venues: Sz
        Since: Instant
        Looks: int
    }

/// What is remembered of the looks at accounts, and of their fills: which word of the venue is newer than which.
[<Sealed>]
type Looks private (accounts: int, instruments: int) =
    member val private Maker: Owner = null with get, set
    member val private Known: bool[] = Array.zeroCreate accounts with get, set
    member val private FilledAt: Instant[] = Array.zeroCreate accounts with get, set
    member val private AskedAt: Instant[] = Array.zeroCreate accounts with get, set
    member val private TakenAt: Instant[] = Array.zeroCreate accounts with get, set
    member val private Owed: bool[] = Array.zeroCreate accounts with get, set
    member val private Old: bool[] = Array.zeroCreate accounts with get, set
    member val private Holdings: HoldingLook[] = Array.zeroCreate (accounts * instruments) with get, set
    member val private Strangers: ImmutableArray<Cloid>[] = Array.create accounts ImmutableArray.Empty with get, set

    static member Empty(accounts: int, instruments: int) = Looks(accounts, instruments)

    member private l.Next(by: Owner) : Looks =
        if not (isNull by) && obj.ReferenceEquals(l.Maker, by) then
            l
        else
            let copy = l.MemberwiseClone() :?> Looks
            copy.Maker <- by
            copy.Known <- Array.copy l.Known
            copy.FilledAt <- Array.copy l.FilledAt
            copy.AskedAt <- Array.copy l.AskedAt
            copy.TakenAt <- Array.copy l.TakenAt
            copy.Owed <- Array.copy l.Owed
            copy.Old <- Array.copy l.Old
            copy.Strangers <- Array.copy l.Strangers
            copy.Holdings <- Array.copy l.Holdings
            copy

    member _.Has(account: AccountId) = uint account.Index < uint accounts

    member private _.HasBoth(account: AccountId, instrument: InstrumentId) =
        uint account.Index < uint accounts && uint instrument.Index < uint instruments

    /// The account was seen at least once.
    member l.IsKnown(account: AccountId) = l.Has account && l.Known[account.Index]

    /// The venue's instant of the newest fill counted; 0 before the first.
    member l.LastFill(account: AccountId) : Instant = l.FilledAt[account.Index]

    /// The venue's instant of the newest look that was believed; 0 before the first.
    member l.LastTaken(account: AccountId) : Instant = l.TakenAt[account.Index]

    /// A word of this venue instant is older than a fill that was counted or than a look that was believed.
    member l.IsStale(account: AccountId, venueAt: Instant) : bool =
        not venueAt.IsNone
        && (venueAt.Ns < l.FilledAt[account.Index].Ns
            || venueAt.Ns < l.TakenAt[account.Index].Ns)

    member l.Holding(account: AccountId, instrument: InstrumentId) : HoldingLook =
        l.Holdings[account.Index * instruments + instrument.Index]

    /// The position taken from the venue has a fill of this instant in it.
    member l.Contains(account: AccountId, instrument: InstrumentId, venueAt: Instant) : bool =
        l.HasBoth(account, instrument)
        && not venueAt.IsNone
        && (let look = l.Holding(account, instrument) in venueAt.Ns < look.TakenAt.Ns)

    /// After a fill was counted.
    member l.WithFill(by: Owner, account: AccountId, venueAt: Instant) : Looks =
        if not (l.Has account) || venueAt.Ns <= l.FilledAt[account.Index].Ns then
            l
        else
            let next = l.Next by
            next.FilledAt[account.Index] <- venueAt
            next

    /// After a look at an account: what became of each instrument, who is no order of ours, and whether another look is owed
    /// for some other reason than a difference.
    member l.WithLook
        (
            by: Owner,
            account: AccountId,
            holdings: ImmutableArray<HoldingLook>,
            strangers: ImmutableArray<Cloid>,
            isOwed: bool,
            at: Instant,
            venueAt: Instant
        ) : Looks =
        if not (l.Has account) then
            l
        else
            let next = l.Next by
            next.Known[account.Index] <- true
            next.AskedAt[account.Index] <- at
            next.TakenAt[account.Index] <- Instant.Of(max venueAt.Ns next.TakenAt[account.Index].Ns)
            holdings.CopyTo(next.Holdings, account.Index * instruments)
            next.Strangers[account.Index] <- strangers
            next.Owed[account.Index] <- isOwed
            next.Old[account.Index] <- false
            next

    /// Open orders of the account that are none of ours, as last seen: each is told to people once.
    member l.StrangersOf(account: AccountId) : ImmutableArray<Cloid> = l.Strangers[account.Index]

    /// Another look is owed before anything opens: after a drift, a lost feed, an order of ours that we do not know.
    member l.OwesLook(account: AccountId) : bool = l.Owed[account.Index]

    /// The last word was an old one.
    member l.IsOld(account: AccountId) : bool = l.Old[account.Index]

    /// Some difference of the account waits for its explanation, or another look is owed.
    member l.IsInDoubt(account: AccountId) : bool =
        let mutable found = l.OwesLook account || l.IsOld account

        for i in 0 .. instruments - 1 do
            let look = l.Holding(account, InstrumentId.Of i)
            found <- found || look.Looks > 0

        found

    /// When the account was looked at, or asked for, last.
    member l.AskedLast(account: AccountId) : Instant = l.AskedAt[account.Index]

    member l.WithAsk(by: Owner, account: AccountId, at: Instant) : Looks =
        let next = l.Next by
        next.AskedAt[account.Index] <- at
        next

    /// Asked for because another look is owed.
    member l.WithOwed(by: Owner, account: AccountId, at: Instant) : Looks =
        let next = l.WithAsk(by, account, at)
        next.Owed[account.Index] <- true
        next

    /// Asked for because the last word was an old one.
    member l.WithOld(by: Owner, account: AccountId, at: Instant) : Looks =
        let next = l.WithAsk(by, account, at)
        next.Old[account.Index] <- true
        next
