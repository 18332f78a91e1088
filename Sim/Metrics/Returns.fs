namespace Vrlg.Sim

open System.Collections.Immutable

/// Figures of equity samples on a fixed grid (simulation.md 13).
[<RequireQualifiedAccess>]
module Returns =
    /// Below this many returns nothing annualised is defined.
    [<Literal>]
    let Least = 30

    /// The usual grid.
    [<Literal>]
    let GridSeconds = 60.0

    /// From this many days on the daily Sharpe is the headline.
    [<Literal>]
    let DailyFromDays = 30.0

    /// Changes of equity samples over the start capital.
    let ofSamples (samples: ImmutableArray<float>) (capital: float) : ImmutableArray<float> =
        if samples.Length < 2 then
            ImmutableArray.Empty
        else
            Seq.pairwise samples
            |> Seq.map (fun (a, b) -> (b - a) / capital)
            |> ImmutableArray.CreateRange

    /// Whether no value differs from another. Their computed deviation need not be 0 then: the mean is rounded.
    let areAlike (r: ImmutableArray<float>) : bool = r |> Seq.forall (fun v -> v = r[0])

    /// Mean and standard deviation (n - 1) of a sample, exactly 0 where all are alike; none below two values.
    let meanStd (r: ImmutableArray<float>) : struct (float * float) voption =
        if r.Length < 2 then
            ValueNone
        elif areAlike r then
            ValueSome(struct (r[0], 0.0))
        else
            let mean = Seq.average r
            let squares = r |> Seq.sumBy (fun v -> (v - mean) * (v - mean))
            ValueSome(struct (mean, sqrt (squares / float (r.Length - 1))))

    /// 525,600 at a grid of 60 s.
    let samplesAYear (gridSeconds: float) = 365.0 * 86_400.0 / gridSeconds

    /// Annualised mean over standard deviation of the returns; none below `least` of them or without deviation.
    let sharpe (r: ImmutableArray<float>) (gridSeconds: float) (least: int) : float voption =
        match meanStd r with
        | ValueSome(struct (mean, std)) when r.Length >= least && std > 0.0 ->
            ValueSome(mean / std * sqrt (samplesAYear gridSeconds))
        | _ -> ValueNone

    /// Root mean square of the losses over all samples.
    let downside (r: ImmutableArray<float>) : float voption =
        if r.IsEmpty then
            ValueNone
        else
            let squares = r |> Seq.sumBy (fun v -> let d = min v 0.0 in d * d)
            ValueSome(sqrt (squares / float r.Length))

    /// As `sharpe`, over the downside deviation.
    let sortino (r: ImmutableArray<float>) (gridSeconds: float) (least: int) : float voption =
        match downside r with
        | ValueSome d when r.Length >= least && d > 0.0 ->
            ValueSome(Seq.average r / d * sqrt (samplesAYear gridSeconds))
        | _ -> ValueNone

    /// Annualised mean gain in USD over the largest drawdown in USD; none below `least` returns or without a drawdown.
    let calmar
        (r: ImmutableArray<float>)
        (capital: float)
        (gridSeconds: float)
        (least: int)
        (drawdownUsd: float)
        : float voption =
        if r.Length >= least && not r.IsEmpty && drawdownUsd > 0.0 then
            ValueSome(Seq.average r * capital * samplesAYear gridSeconds / drawdownUsd)
        else
            ValueNone
