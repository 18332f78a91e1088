namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// How much impact a run's figures are charged with; both 0 are off.
[<NoComparison; NoEquality>]
type ImpactPlan =
    {
        Instrument: Instrument
        /// `k` of the square-root law.
        SquareRoot: float
        /// Ticks that the mark moves for every lot taken.
        ShiftTicks: float
    }

    static member Of(values: Values, instrument: Instrument) : ImpactPlan =
        {
            Instrument = instrument
            SquareRoot = float (values.Exact "impact.square_root") / 1e8
            ShiftTicks = float (values.Exact "impact.shift_ticks") / 1e8
        }

/// Market impact that is booked, not played (simulation.md 11): options, off by default.
[<RequireQualifiedAccess>]
module Impact =
    let private day = 86_400_000_000_000L
    let private minute = 60_000_000_000L

    /// A day's volatility as a fraction, from the mids of every minute; none below `Returns.Least` of them.
    let sigmaDay (mids: MidPath) : float voption =
        let steps =
            Seq.initInfinite (fun i -> mids.FromNs + int64 i * minute)
            |> Seq.takeWhile (fun at -> at <= mids.ToNs)
            |> Seq.map mids.TwiceAt
            |> Seq.filter (fun twice -> twice > 0L)
            |> Seq.pairwise
            |> Seq.map (fun (a, b) -> log (float b / float a))
            |> ImmutableArray.CreateRange

        match Returns.meanStd steps with
        | ValueSome(struct (_, std)) when steps.Length >= Returns.Least -> ValueSome(std * sqrt (float (day / minute)))
        | _ -> ValueNone

    /// What was printed, as base units a day; 0 where nothing was.
    let volumeDay (mids: MidPath) : float =
        if mids.ToNs > mids.FromNs then
            float mids.Volume / 1e8 * float day / float (mids.ToNs - mids.FromNs)
        else
            0.0

    /// The square-root law: the cost of a taker fill in the quote currency, on top of its price. `k` about 0.7; `sigmaDay` the
    /// day's volatility as a fraction; `quantity` and `volumeDay` in base units. 0 where the day's volume is unknown.
    let squareRoot (k: float) (sigmaDay: float) (quantity: float) (volumeDay: float) (px: float) : float =
        if volumeDay <= 0.0 || quantity <= 0.0 then
            0.0
        else
            k * sigmaDay * sqrt (quantity / volumeDay) * px * quantity

    /// The shift of the mid by which positions are marked after own takers: theta ticks a lot, decaying with a half-life of
    /// 5 s. Quotes of others are not moved.
    [<Sealed>]
    type Shift(theta: float) =
        let halfLife = 5e9
        let mutable ticks = 0.0
        let mutable since = 0L

        /// The shift in ticks at an instant (nanoseconds), above 0 after buying.
        member _.At(now: int64) : float =
            if ticks = 0.0 then
                0.0
            else
                ticks * Math.Pow(0.5, float (now - since) / halfLife)

        /// An own taker of `lots` (below 0 sells) was filled.
        member s.Took(now: int64, lots: float) =
            ticks <- s.At now + theta * lots
            since <- now

    /// The fills with the square-root cost of those that crossed among their fees. Nothing where the data do not say a day's
    /// volatility (half an hour of mids at least) or its volume (prints).
    let charge (plan: ImpactPlan) (mids: MidPath) (fills: ImmutableArray<FillRow>) : ImmutableArray<FillRow> =
        if plan.SquareRoot <= 0.0 || fills.IsEmpty then
            fills
        else
            match sigmaDay mids with
            | ValueNone -> fills
            | ValueSome sigma ->
                let volume = volumeDay mids

                fills
                |> Seq.map (fun f ->
                    if f.IsMaker then
                        f
                    else
                        let px, sz, fee = f.Px, f.Sz, f.Fee

                        let cost =
                            squareRoot plan.SquareRoot sigma (float sz.Raw / 1e8) volume (float px.Raw / 1e8)

                        { f with
                            Fee = Usd.Of(fee.Raw + int64 (ceil (cost * 1e8)))
                        })
                |> ImmutableArray.CreateRange
