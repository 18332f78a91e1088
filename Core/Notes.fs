namespace Vrlg.Core

open System.Collections.Immutable

/// What tells how fast a venue makes blocks.
type StallSource =
    | None = 0uy
    /// The venue's messages stand in for its blocks.
    | Approx = 1uy
    | Blocks = 2uy

/// Why trading stopped for good until a person looks.
[<RequireQualifiedAccess>]
type HaltReason =
    | Operator of reason: string
    | LossLimit of loss: Usd * limit: Usd
    | BrokenInvariant of what: string
    /// The rolling median of the block intervals passed the limit (D0-069).
    | BlockInterval of median: Duration * limit: Duration * source: StallSource
    /// No block, or without a block feed no message of the venue, for longer than the limit (X13).
    | BlockSilence of silence: Duration * limit: Duration * source: StallSource

/// Whether wishes may become orders.
[<RequireQualifiedAccess>]
type Fitness =
    /// Not all books and accounts have been seen yet.
    | Cold
    | Ready
    /// Only what reduces risk passes.
    | Degraded of why: string
    /// Latched: everything is pulled and flattened; a person lifts it.
    | Halted of HaltReason

/// What the engine tells people. Rare: never one per market event.
[<NoComparison>]
type Note =
    | Refused of desk: DeskId * slot: Slot * breaches: ImmutableArray<Breach>
    | Remarked of desk: DeskId * remark: Remark
    | OrderClosed of desk: DeskId * cloid: Cloid * ending: Ending * filled: Sz * age: Duration
    | OrderFaulted of fault: OrderFault
    /// A refused cancel or a repeated ending of a closed order: an ordinary race, counted.
    | RaceCounted of cloid: Cloid
    | Drifted of account: AccountId * instrument: InstrumentId * ours: Sz * venues: Sz
    | FitnessChanged of fitness: Fitness
