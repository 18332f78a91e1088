namespace Vrlg.Sim.LocalVenue

/// What is true of a venue's scenario, known before its first block. Heights and turns count blocks.
[<NoComparison; NoEquality>]
type Truth =
    {
        Scenario: Scenario
        Seed: int64
        /// When the venue began, milliseconds, and its first block.
        Genesis: int64
        FirstHeight: int64
        /// What repeats, in blocks, and how long that takes on the mean, milliseconds; 0 where nothing does.
        PeriodBlocks: int64
        PeriodMs: float
        /// A height at which a period begins; others are whole periods away.
        Phase: int64
        /// The first height at which the scenario does something; 0 where it never does.
        Onset: int64
    }

/// The truth of a configuration.
[<RequireQualifiedAccess>]
module Truth =
    let private first = Chain.genesis + 1L

    let private thinBlock (from: int64) =
        Seq.initInfinite (fun i -> from + int64 i) |> Seq.find Chain.isNearTurn

    let private slots = int64 Chain.schedule.Length

    let about (config: VenueConfig) : Truth =
        let none: Truth =
            {
                Scenario = config.Scenario
                Seed = config.Seed
                Genesis = config.Genesis
                FirstHeight = first
                PeriodBlocks = 0L
                PeriodMs = 0.0
                Phase = 0L
                Onset = 0L
            }

        let every (blocks: int64) (extraMs: int64) (phase: int64) (onset: int64) =
            { none with
                PeriodBlocks = blocks
                PeriodMs = float blocks * Chain.meanGap + float extraMs
                Phase = phase
                Onset = onset
            }

        match config.Scenario with
        | Scenario.Rotation -> every slots 0L (first - first % slots) (thinBlock first)
        | Scenario.Trend -> every (2L * Prices.leg) 0L Chain.genesis first
        | Scenario.Stall -> every Chain.stallEvery Chain.stallMs Chain.genesis (Chain.genesis + Chain.stallEvery)
        | _ -> none

    /// The rotation's effect: levels of a side and the part of their size that is left, ticks by which each side steps away,
    /// how many times as many takers.
    let thinLevels = Traders.thinLevels
    let thinShare = Traders.thinShare
    let thinTicks = Traders.thinTicks
    let thinTakers = Traders.thinTakers
