namespace Vrlg.Core

/// Which detector, and what it is made with.
[<RequireQualifiedAccess; NoComparison>]
type DetectorConfig =
    /// The document's, read literally.
    | Document of DocumentConfig
    /// The one whose p-value holds at every look.
    | Valid of ValidConfig

    /// Half-width of the boundary band as a share of the period: z / M, where M is as many slots as the blocks show, or as
    /// configured where they show none (X07).
    member c.BandShare(slots: int) =
        match c with
        | Document d -> float d.Z / 1e8 / float d.M
        | Valid v -> v.Z / float (if slots > 0 then slots else v.M)

/// Either detector behind one face: fed with the samples of the 100 ms grid, it says where the rotation is and whether it may be
/// traded on.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type Detector =
    | Document of DocumentDetector
    | Valid of ValidDetector

    static member Start(config: DetectorConfig) : Detector =
        match config with
        | DetectorConfig.Document c -> Detector.Document(DocumentDetector.Start c)
        | DetectorConfig.Valid c -> Detector.Valid(ValidDetector.Start c)

    /// What it says after the latest sample.
    member d.Now: Rotation =
        match d with
        | Document d -> d.Now
        | Valid d ->
            {
                Period = d.Period
                Phase = d.Phase
                PValue = d.P
                Evidence = d.E
                IsActive = d.IsActive
                IsBoundary = d.IsBoundary
                Width = if d.Period = 0.0 then 0.0 else d.Width
                Slots = d.Slots
            }

    /// Samples since its start; the valid detector counts the missing ones among them.
    member d.Samples =
        match d with
        | Document d -> d.Samples
        | Valid d -> d.Index + 1L

    /// The detector after one more sample, at an instant of the grid.
    member d.Push(grid: Instant, dob: float, spread: float) : Detector =
        match d with
        | Document d -> Detector.Document(d.Push(dob, spread))
        | Valid d -> Detector.Valid(d.Push(grid.Ns / 1_000_000L, dob, spread))

    /// The detector after a block of the venue. The document's knows no blocks.
    member d.Block(block: ProposedBlock) : Detector =
        match d with
        | Document _ -> d
        | Valid d -> Detector.Valid(d.Block block)

    /// The detector before a sample that does not follow on the one before it: the document's is defined without gaps and starts
    /// again, the valid one counts what is missing.
    member d.Broken: Detector =
        match d with
        | Document d -> Detector.Document(DocumentDetector.Start d.Config)
        | Valid _ -> d
