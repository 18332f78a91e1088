namespace Vrlg.Sim

open System.Collections.Immutable
open Vrlg.Core

/// Collects what a sweep judges of a run: fills, settlements, active time. It watches only; both fill tiers feed it.
[<Sealed>]
type Harvest(instrument: InstrumentId) =
    let fills = ImmutableArray.CreateBuilder<FillRow>()
    let funding = ImmutableArray.CreateBuilder<FundingRow>()
    let active = ImmutableArray.CreateBuilder<Window>()
    // The active span that is growing: both 0 outside one.
    let mutable activeFrom = 0L
    let mutable activeTo = 0L

    let close () =
        if activeTo > activeFrom then
            active.Add { From = activeFrom; To = activeTo }

        activeFrom <- 0L
        activeTo <- 0L

    /// A fill, at the exchange's instant.
    member _.Fill(f: Fill, at: Instant) =
        fills.Add
            {
                At = at
                Order = f.Cloid
                Side = f.Side
                Px = f.Px
                Sz = f.Sz
                Fee = f.Fee
                IsMaker = f.IsMaker
                Reason = ""
                DecidedMidTwice = 0L
                DecidedTouch = Px.Of 0L
                IsUncertain = false
            }

    /// A grid instant as the engine saw it: with features, and not halted. The grid's distance is in nanoseconds.
    member _.Tick(at: Instant, isActive: bool, distance: int64) =
        if isActive then
            if activeTo <> at.Ns then
                close ()
                activeFrom <- at.Ns

            activeTo <- at.Ns + distance
        else
            close ()

    /// What was collected; call it once, when the run has ended.
    member _.Outcome(span: Window, mids: MidPath, capital: Usd, maxExposure: Sz) : Outcome =
        close ()

        {
            Fills = fills.ToImmutable()
            Funding = funding.ToImmutable()
            Mids = mids
            Active = active.ToImmutable()
            Span = span
            Capital = capital
            MaxExposure = float maxExposure.Raw / 1e8
            Impact = ValueNone
        }

    interface IWatch with
        member _.Arrived _ = ()

        member t.Stepped(input, _, now) =
            if input.Event.Kind = EventKind.Ticked then
                let market = now.Facts.Market instrument
                t.Tick(input.At, ValueOption.isSome market.Feature && not now.Facts.Health.IsHalted, 100_000_000L)

        member t.Executed(report, _) =
            match report.Rare with
            | ValueSome(RareEvent.Filled f) when f.Instrument.Index = instrument.Index -> t.Fill(f, report.VenueAt)
            | ValueSome(RareEvent.FundingPaid f) when f.Instrument.Index = instrument.Index ->
                funding.Add { At = report.VenueAt; Paid = f.Paid }
            | _ -> ()

        member _.Beat(_, _) = ()
