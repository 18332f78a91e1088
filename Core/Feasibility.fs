namespace Vrlg.Core

/// Whether what a setup aims for can pay the fees of its round trips at a price (X02).
[<NoComparison; NoEquality>]
type Feasibility =
    {
        Px: Px
        /// The effective tick at that price, 1e-8.
        Tick: int64
        TickBps: float
        Fees: FeeRates
        /// What a round trip costs, entry and exit as maker.
        MakerMakerBps: float
        MakerTakerBps: float
        /// The least whole number of ticks that pays for it.
        MakerMakerTicks: int64
        MakerTakerTicks: int64
        /// `signal.y`: the least spread that is entered, all that a round trip can take from it.
        AimTicks: int64
        AimBps: float
        /// What is left of the aim with a maker exit, and with a taker exit. Below 0 is a loss.
        BestNetBps: float
        UsualNetBps: float
    }

    /// The aim pays for a maker exit at least.
    member f.CanPay = f.AimTicks >= f.MakerMakerTicks
    /// The aim pays for the exit that the strategy makes.
    member f.PaysUsualExit = f.AimTicks >= f.MakerTakerTicks

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Feasibility =
    /// Of a rule and its fees at a price; `aim` is in ticks.
    let at (i: Instrument) (fees: FeeRates) (aim: int64) (px: Px) : Feasibility =
        let tick = Instrument.tickAt i px
        let tickBps = 1e4 * float tick / float (max 1L px.Raw)
        let aimBps = float aim * tickBps
        let both = Fees.breakEvenBps fees true true
        let crossed = Fees.breakEvenBps fees true false

        {
            Px = px
            Tick = tick
            TickBps = tickBps
            Fees = fees
            MakerMakerBps = both
            MakerTakerBps = crossed
            MakerMakerTicks = Fees.breakEvenTicks fees true true i px
            MakerTakerTicks = Fees.breakEvenTicks fees true false i px
            AimTicks = aim
            AimBps = aimBps
            BestNetBps = aimBps - both
            UsualNetBps = aimBps - crossed
        }

    /// The least spread that pays the maker-in, taker-out round trip at that price: what `signal.y` would have to be.
    let leastAim (f: Feasibility) : int64 = max 1L f.MakerTakerTicks

    let private ticks (n: int64) =
        if n = 1L then "1 tick" else $"{n} ticks"

    let private bps (v: float) =
        v.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture) + " bps"

    /// One sentence for people.
    let verdict (f: Feasibility) : string =
        let aim =
            $"signal.y = {f.AimTicks} aims for {ticks f.AimTicks} ({bps f.AimBps}) a round trip"

        if f.PaysUsualExit then
            $"feasible: {aim}, which pays a maker entry and a taker exit ({bps f.MakerTakerBps}) and leaves {bps f.UsualNetBps}"
        elif f.CanPay then
            $"feasible with maker exits only: {aim}, which pays two maker fills ({bps f.MakerMakerBps}) but not a taker exit "
            + $"({bps f.MakerTakerBps}, {ticks f.MakerTakerTicks}), and the strategy exits as taker"
        else
            $"not feasible: {aim}, but two maker fills cost {bps f.MakerMakerBps} ({ticks f.MakerMakerTicks}) and a taker exit "
            + $"{bps f.MakerTakerBps} ({ticks f.MakerTakerTicks}): each round trip loses {bps (-f.UsualNetBps)} before the market helps"
