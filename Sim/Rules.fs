namespace Vrlg.Sim

open System.Collections.Immutable
open Vrlg.Core

/// M1, a print beyond our price: what may it fill (simulation.md 6).
type Through =
    /// The printed size, shared by our orders in price-time order.
    | Capped = 0uy
    /// Whole orders, leaving the print as it was: common elsewhere, optimistic in size.
    | Full = 1uy

/// M4, fresh size of the other side at or through our price.
type Cross =
    /// What is displayed anew, shared by our orders.
    | Visible = 0uy
    | Full = 1uy
    /// Only trades fill.
    | None = 2uy

/// What happens to our orders when the recorder lost data (simulation.md 9).
type GapPolicy =
    /// They stay; recorded trades fill them, the first book after the gap is applied risk-averse.
    | KeepCapped = 0uy
    /// All are cancelled at the gap's start, as a dead man's switch would.
    | CancelOwn = 1uy
    /// The run ends.
    | Abort = 2uy

/// From this value of a position on, 1e-8 USDC, its leverage is at most this.
[<Struct; NoComparison>]
type MarginTier = { From: int64; MaxLeverage: int }

/// How a fee is rounded.
type FeeRounding =
    /// Once a fill, up, to 1e-8.
    | AgainstUs = 0uy
    /// As recorded fills show: toward zero, to 6 decimals on perpetuals and 8 on spot, exchange and builder apart.
    | Venue = 1uy

/// The choices of simulation.md 5 to 11 that are not the instrument's own facts.
[<NoComparison; NoEquality>]
type MatchRules =
    {
        Through: Through
        Cross: Cross
        /// The compatibility profile of section 17: whole-order fills, an unclamped queue, displayed sizes not reduced by trades.
        IsCompat: bool
        /// Resting reduce-only orders of one side may not exceed the position together: the oldest goes.
        CapsReducers: bool
        /// How far a triggered market order may go beyond its trigger price, in basis points; below 0 its own limit bounds it.
        ToleranceBps: int64
        /// A limit price further from the oracle than this many basis points is refused; 0 switches the check off.
        OracleBandBps: int64
        /// Initial and maintenance margin, spot balances.
        ChecksMargin: bool
        /// Tiers of margin, an instrument; the first begins at 0. An instrument without any has its highest leverage at all sizes.
        Tiers: MarginTier[][]
        /// Cash of every account at the start.
        Cash: Usd
        Rounding: FeeRounding
        Builder: Rate
        /// Actions allowed before any trading; one more a USDC traded. Below 0 there is no such limit.
        Allowance: int64
        /// C decays with this time constant instead of resetting with the level's record; 0 is off.
        Decay: Duration
        /// The share of a print that one own order may fill, in 1e-8; 0 is off.
        Participation: int64
        Gap: GapPolicy
        /// CancelOwn acts at the gap's start and this much later at the latest under KeepCapped.
        MaxGap: Duration
        /// Takers inside a gap are matched with the stale book, and their fills flagged, instead of refused.
        TakesInGap: bool
        /// The accounts trade with one another at price and time, and no tape stands behind them: a venue of its own. A fee on
        /// what is bought at spot is taken in it, resting orders are asked again for their margin when they would match.
        IsCentral: bool
        /// Fees of spot where they differ from those of perpetuals.
        SpotFees: FeeRates voption
    }

    static member Default: MatchRules =
        {
            Through = Through.Capped
            Cross = Cross.Visible
            IsCompat = false
            CapsReducers = true
            ToleranceBps = 1_000L
            OracleBandBps = 0L
            ChecksMargin = false
            Tiers = [||]
            Cash = Usd.Of 0L
            Rounding = FeeRounding.AgainstUs
            Builder = Rate.Of 0L
            Allowance = -1L
            Decay = Duration.Of 0L
            Participation = 0L
            Gap = GapPolicy.KeepCapped
            MaxGap = Duration.OfMs 5_000L
            TakesInGap = false
            IsCentral = false
            SpotFees = ValueNone
        }

/// How the exchange behaves.
[<NoComparison; NoEquality>]
type ExchangeConfig =
    {
        Instruments: ImmutableArray<Instrument>
        Accounts: int
        Fees: FeeRates
        Queue: QueueModel
        /// Check prices, sizes and values by the instrument's rules; off for the neutral feed, whose units are ticks.
        CheckRules: bool
        Rules: MatchRules
    }

/// Who wins at one instant: the exchange's records before ours, pessimistic for us, or the local side first, which only exists
/// to reproduce the logs of other engines.
type TieOrder =
    | ExchangeFirst = 0
    | LocalFirst = 1

/// Our takers against the block's own trades (simulation.md 3).
[<RequireQualifiedAccess; NoComparison>]
type TakerRace =
    /// We see what the others left.
    | Last
    | First
    /// One coin a block and instrument, of the streams `takerRace/INSTRUMENT` of this seed.
    | Coin of seed: int64

/// The order of things at one instant, and what silence of the tape means.
[<NoComparison; NoEquality>]
type Phases =
    {
        Ties: TieOrder
        Blocks: BlockModel
        Race: TakerRace
        /// Silence of an instrument's book records after which its data counts as lost: with whole books or levels, and with best
        /// quotes alone. 0 is never.
        BookGap: Duration
        BboGap: Duration
    }

    /// Continuous time, the exchange first, no gaps.
    static member Plain: Phases =
        {
            Ties = TieOrder.ExchangeFirst
            Blocks = BlockModel.None
            Race = TakerRace.Last
            BookGap = Duration.Of 0L
            BboGap = Duration.Of 0L
        }

    /// For recordings: a silence that the engine takes for a gap is one at the exchange too.
    static member Recorded: Phases =
        { Phases.Plain with
            BookGap = Silence.limit true
            BboGap = Silence.limit false
        }
