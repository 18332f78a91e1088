namespace Vrlg.Core

/// Why the state of a valid detector changed.
type StateChange =
    /// It did not.
    | None = 0
    /// Active: the evidence is there.
    | Qualified = 1
    /// The evidence fell below what a p-value within the limit needs.
    | PAboveAlpha = 2
    /// The period jumped.
    | Lineage = 3
    /// No boundary was scored for 30 s, or no hypothesis is left.
    | Stale = 4
    /// 30 s without a sample.
    | Gap = 5
    /// A block clock was found or lost, or its length changed.
    | Clock = 6

/// The wealth of a player who bets on every predicted boundary (rotation-detection.md 4.5, 4.6). While the book prefers no phase
/// it grows only by what is given to it, 1 in a day, however often one looks: `P` is a p-value at all times at once.
[<NoComparison; NoEquality>]
type Wealth =
    {
        /// While observing: three players, who bet a quarter, half and nearly all.
        Small: float
        Middle: float
        Large: float
        /// While active: one who bets against a fading effect.
        Held: float
        IsActive: bool
    }

    static member Start: Wealth =
        {
            Small = 0.0
            Middle = 0.0
            Large = 0.0
            Held = 0.0
            IsActive = false
        }

    /// E: what the evidence is worth now.
    member w.E =
        if w.IsActive then
            w.Held
        else
            (w.Small + w.Middle + w.Large) / 3.0

    /// The p-value: valid whenever and however often it is read.
    member w.P = min 1.0 (1.0 / w.E)

    /// What is left when ACTIVE ends, or data were lost: never more than `most` in any hand.
    member w.Burnt(most: float) : Wealth =
        if w.IsActive then
            let kept = min w.Held most

            {
                Small = kept
                Middle = kept
                Large = kept
                Held = 0.0
                IsActive = false
            }
        else
            { w with
                Small = min w.Small most
                Middle = min w.Middle most
                Large = min w.Large most
            }

    /// A sample's share of the wealth that is given away while observing.
    member w.Given(c: ValidConfig, samples: float) : Wealth =
        let gift = samples * 0.1 / c.Horizon

        if w.IsActive then
            w
        else
            { w with
                Small = min c.Cap (w.Small + gift)
                Middle = min c.Cap (w.Middle + gift)
                Large = min c.Cap (w.Large + gift)
            }

    /// The wealth after a scored crossing, by what its lineage had learned before.
    member private w.Bet(c: ValidConfig, before: Lineage, score: float) : Wealth =
        let next share wealth =
            min c.Cap (wealth * (1.0 + share * score))

        if w.IsActive then
            let faded = max -1.0 (score - max 0.05 (0.5 * before.Mean))

            { w with
                Held = min c.Cap (w.Held * (1.0 + 0.6 * faded))
            }
        else
            { w with
                Small = next 0.25 w.Small
                Middle = next 0.5 w.Middle
                Large = next 0.95 w.Large
            }

    /// Wealth and lineage after a scored crossing, and whether that made the detector active or ended it.
    member w.Settled(c: ValidConfig, lineage: Lineage, crossing: Crossing) : struct (Wealth * Lineage * StateChange) =
        let bet = w.Bet(c, lineage, crossing.Score)
        let learned = lineage.Scored crossing

        if not bet.IsActive && bet.E >= c.Rise / c.Alpha && learned.IsQualified c then
            struct ({ bet with
                        Held = bet.E
                        IsActive = true
                    },
                    learned,
                    StateChange.Qualified)
        elif bet.IsActive && bet.Held < 1.0 / c.Alpha then
            let burnt =
                {
                    Small = c.Burn
                    Middle = c.Burn
                    Large = c.Burn
                    Held = 0.0
                    IsActive = false
                }

            struct (burnt, learned, StateChange.PAboveAlpha)
        else
            struct (bet, learned, StateChange.None)
