namespace Vrlg.Core

/// What the rotation scalper is made with. Ratios are in 1e-8.
[<NoComparison>]
type ScalperConfig =
    {
        Instrument: InstrumentId
        Detector: DetectorConfig
        Gates: GateConfig
        /// A quote is pulled this long after it was spoken (D0-062).
        Ttl: Duration
        /// The ideal exit: this long after the first fill (D0-064).
        ExitAfter: Duration
        /// Closes regardless, this long after the first fill (D0-067).
        TimeStop: Duration
        /// The protective stop's distance from the mid (D0-066).
        StopTicks: int
        /// How far past the touch an ideal exit may reach.
        SlippageTicks: int
        /// No entry of a direction for this many periods after a fill of it (D0-068).
        CooldownFactor: int64
        Equity: Usd
        /// Size of one entry as a share of the equity: 0.2 % is 200,000 (D0-063).
        SizeShare: int64
        MaxExposure: Sz
        /// Shown share of an entry, its least, and the clips that it is cut into (D0-061, D0-063).
        DisplayShare: int64
        MinDisplay: Sz
        Clips: int
        /// Quote only the side that the imbalance favours (D0-060).
        OneSided: bool
        /// Where no price lies inside the spread: join the best quotes, or stay out (X09).
        JoinWhenTight: bool
        /// How far past the touch a time-stop may reach, in basis points.
        ToleranceBps: int
        StopOuts: StopOutConfig
        Impact: BookImpactConfig
        Slippage: SlippageConfig
        /// How much further from the mid quotes are while the slippage is above its limit.
        DeeperTicks: int
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module ScalperConfig =
    /// What the size of an entry follows from.
    let sizeRule (c: ScalperConfig) (isHalved: bool) : SizeRule =
        {
            Equity = c.Equity
            Share = c.SizeShare
            Cap = c.MaxExposure
            IsHalved = isHalved
        }
