namespace Vrlg.Core

/// What a sensor is made with.
[<NoComparison>]
type SensorConfig =
    {
        Detector: DetectorConfig
        /// N: samples of the rolling median of the DoB (D0-049).
        MedianOf: int
    }

/// What the 100 ms grid teaches a scalper before any opinion of its own: the detector, the rolling sizes, the moment to judge.
/// It follows from the features alone, so runs over one tape may share it.
[<Sealed; AllowNullLiteral>]
type Sensor
    private
    (
        config: SensorConfig,
        detector: Detector,
        dobs: Window<float>,
        lastGrid: int64,
        era: int,
        told: int64,
        moment: Moment voption,
        share: SensorShare
    ) =
    static let gridStep = 100_000_000L

    static member private Fresh(config: SensorConfig, detector: Detector, lastGrid, era, told, share) =
        Sensor(config, detector, Window.Empty config.MedianOf, lastGrid, era, told, ValueNone, share)

    static member Start(config: SensorConfig) : Sensor =
        Sensor.Fresh(config, Detector.Start config.Detector, 0L, 0, 0L, null)

    /// A start whose successors are found once for all the runs that are stepped side by side from it.
    static member Shared(config: SensorConfig) : Sensor =
        Sensor.Fresh(config, Detector.Start config.Detector, 0L, 0, 0L, SensorShare())

    member _.Config = config
    member _.Detector = detector
    /// What is judged now; none without features.
    member _.Moment = moment

    member private s.Found(feature: Feature voption) : Sensor =
        match feature with
        | ValueNone when moment.IsNone -> s
        | ValueNone -> Sensor.Fresh(config, detector.Broken, 0L, era, told, share)
        | ValueSome f ->
            let grid = f.Grid

            let kept =
                if f.Era = era && (lastGrid = 0L || grid.Ns = lastGrid + gridStep) then
                    s
                else
                    Sensor.Fresh(config, detector.Broken, lastGrid, era, told, share)

            kept.Taught f

    member private _.Taught(f: Feature) : Sensor =
        let grid = f.Grid
        let next = detector.Push(grid, f.Dob, float f.SpreadTicks)

        let median = if dobs.IsFull then Stats.median (dobs.AsSpan()) else nan

        let now =
            {
                Rotation = next.Now
                Samples = next.Samples
                SpreadTicks = f.SpreadTicks
                Dob = f.Dob
                MedianDob = median
                Obi = f.Obi
            }

        Sensor(config, next, dobs.Push f.Dob, grid.Ns, f.Era, told, ValueSome now, share)

    /// The blocks that were told since the last instant go to the detector before the sample.
    member private s.Read(blocks: BlockLog) : Sensor =
        if blocks.Count = told then
            s
        else
            let mutable next = detector

            for n in max told blocks.First .. blocks.Count - 1L do
                next <- next.Block(blocks.Item n)

            Sensor(config, next, dobs, lastGrid, era, blocks.Count, moment, share)

    /// The sensor after one more grid instant and the blocks known by then; a missing sample starts its windows again, and what
    /// the detector makes of it is its own affair.
    member s.Next(feature: Feature voption, blocks: BlockLog) : Sensor =
        match share with
        | null -> (s.Read blocks).Found feature
        | share ->
            match share.Known(s, feature, blocks.Count) with
            | null ->
                let next = (s.Read blocks).Found feature
                share.Keep(s, feature, blocks.Count, next)
                next
            | next -> next

/// The last step that any of the runs side by side has taken, for the others to take: never seen from outside, since a step
/// taken and a step found are the same.
and [<Sealed; AllowNullLiteral>] private SensorShare() =
    let mutable from: Sensor = null
    let mutable by: Feature voption = ValueNone
    let mutable told = 0L
    let mutable found: Sensor = null

    static let isSame (a: Feature voption) (b: Feature voption) =
        match a, b with
        | ValueNone, ValueNone -> true
        | ValueSome a, ValueSome b ->
            let ga, gb = a.Grid, b.Grid

            ga.Ns = gb.Ns
            && a.MidTwice = b.MidTwice
            && a.SpreadTicks = b.SpreadTicks
            && a.Dob = b.Dob
            && a.Obi = b.Obi
            && a.Era = b.Era
        | _ -> false

    member _.Known(sensor: Sensor, feature: Feature voption, blocks: int64) : Sensor =
        if obj.ReferenceEquals(from, sensor) && told = blocks && isSame by feature then
            found
        else
            null

    member _.Keep(sensor: Sensor, feature: Feature voption, blocks: int64, next: Sensor) =
        from <- sensor
        told <- blocks
        by <- feature
        found <- next
