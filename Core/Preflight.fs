namespace Vrlg.Core

open System
open System.Collections.Immutable

/// What a start with real money is judged by. Nothing of it trades.
[<NoComparison; NoEquality>]
type Flight =
    {
        Setup: RunSetup
        /// A price of now; 0 when none is known.
        Px: Px
        /// The account's own equity, by the venue.
        Equity: Usd
        /// A person takes settings that cannot pay their fees.
        AcceptsNegativeEdge: bool
    }

/// Why real money must not start.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type Refusal =
    /// Every entry would be below the venue's least order (X10).
    | NoSize of name: string * size: EntrySize * rules: Instrument
    /// What the settings aim for cannot pay the fees of a round trip (X02).
    | NegativeEdge of Feasibility
    /// The settings name another tick than the venue has (X21).
    | Tick of configured: int64 * venue: int64 * px: Px
    | NoPrice of name: string

/// The questions asked before a start: all answers come at once. Pure and total; whoever starts a live run refuses when any
/// refusal is there.
[<RequireQualifiedAccess>]
module Preflight =
    /// The size rule of a setup on some equity.
    let sizeRule (setup: RunSetup) (equity: Usd) : SizeRule =
        { ScalperConfig.sizeRule (Setup.scalper setup) false with
            Equity = equity
        }

    /// The size of an entry at a price, by the settings' own equity, or why there is none.
    let sizeAt (setup: RunSetup) (px: Px) : EntrySize =
        Sizing.entry (sizeRule setup (Usd.Of(setup.Values.Exact "account.equity_usd"))) setup.Instrument px px

    /// The tick of the settings and the venue's at a price, where they differ.
    let private tick (setup: RunSetup) (px: Px) : Refusal list =
        let configured = setup.Values.Exact "symbol.tick_size"
        let venue = Instrument.tickAt setup.Instrument px

        if configured = venue then
            []
        else
            [ Refusal.Tick(configured, venue, px) ]

    /// Everything that stands against a start; empty when nothing does.
    let refusals (f: Flight) : ImmutableArray<Refusal> =
        if f.Px.Raw <= 0L then
            ImmutableArray.Create<Refusal>(Refusal.NoPrice f.Setup.Instrument.Name)
        else
            ImmutableArray.CreateRange
                [
                    match Sizing.entry (sizeRule f.Setup f.Equity) f.Setup.Instrument f.Px f.Px with
                    | EntrySize.Of _ -> ()
                    | none -> Refusal.NoSize(f.Setup.Instrument.Name, none, f.Setup.Instrument)
                    let judged = Setup.feasibility f.Setup f.Px

                    if not judged.PaysUsualExit && not f.AcceptsNegativeEdge then
                        Refusal.NegativeEdge judged

                    yield! tick f.Setup f.Px
                ]

    /// One sentence for people, with what to do.
    let sentence (refusal: Refusal) : string =
        match refusal with
        | Refusal.NoPrice name -> $"{name} has no price, so nothing can be sized; wait for its best quotes"
        | Refusal.NoSize(name, size, rules) -> $"no entry of {name} would ever be sent: {Sizing.sentence rules size}"
        | Refusal.NegativeEdge judged ->
            $"{Feasibility.verdict judged}; to trade so all the same, say --accept-negative-edge"
        | Refusal.Tick(configured, venue, px) ->
            $"symbol.tick_size is {Exact.show configured} and the venue's tick at {px} is {Exact.show venue}: "
            + $"set symbol.tick_size = {Exact.show venue}"

    /// What it takes for an entry of so much.
    let private takes (setup: RunSetup) (px: Px) (sz: Sz) : string =
        let equity = Usd.Of(setup.Values.Exact "account.equity_usd")

        match Sizing.leastEquityFor (sizeRule setup equity) px sz with
        | ValueSome usd -> $"it takes an entry of {sz}, an equity of {usd} USD at this exec.size_pct"
        | ValueNone -> $"it takes an entry of {sz}, above the largest position (exec.max_exposure_btc)"

    /// Somebody chose another value than the document's.
    let private isChosen (setup: RunSetup) (path: string) =
        ScalperKeys.all
        |> Seq.exists (fun k -> k.Path = path && Exact.parse k.Default <> Ok(setup.Values.Exact path))

    /// What of an entry shows at once: `shown whole`, or the slice.
    let shown (setup: RunSetup) (px: Px) (sz: Sz) : string =
        let display = Pricing.displayOf (Setup.scalper setup) setup.Instrument px sz
        let slice = Icebergs.slice setup.Instrument px display sz

        if slice.Raw >= sz.Raw then
            "shown whole"
        else
            $"shown in slices of {slice}"

    /// Clips below the venue's least order are fewer than asked for.
    let private clips (setup: RunSetup) (px: Px) (sz: Sz) : string list =
        let c = Setup.scalper setup
        let least = Icebergs.least setup.Instrument px
        let fit = max 1L (sz.Raw / least.Raw)

        if c.Clips > 1 && fit < int64 c.Clips then
            let cut = if fit = 1L then "in one piece" else $"in {fit}"

            [
                $"exec.micro_clips = {c.Clips} cannot act: at {px} an entry of {sz} is quoted {cut}, as a clip must be worth "
                + $"the venue's least order of {least}; {takes setup px (Sz.Of(least.Raw * int64 c.Clips))}"
            ]
        else
            []

    /// The least entry that shows less than all of itself at once; none where the shown share is all of it.
    let private leastHidden (setup: RunSetup) (px: Px) : Sz voption =
        let c = Setup.scalper setup
        let one = 100_000_000L
        let least = (Icebergs.least setup.Instrument px).Raw

        if c.DisplayShare >= one then
            ValueNone
        else
            // What is not shown must be worth an order too.
            let byShare =
                (Int128.op_Implicit least * Int128.op_Implicit one
                 + Int128.op_Implicit (one - c.DisplayShare - 1L))
                / Int128.op_Implicit (one - c.DisplayShare)

            let both = max least c.MinDisplay.Raw + least
            let raw = max both (Int128.op_Explicit byShare: int64)
            let lot = Instrument.lot setup.Instrument
            ValueSome(Sz.Of((raw + lot - 1L) / lot * lot))

    /// An entry that always shows whole, though somebody asked for less.
    let private display (setup: RunSetup) (px: Px) (sz: Sz) : string list =
        let keys = [ "exec.display_ratio"; "exec.min_display_btc" ]

        match leastHidden setup px with
        | ValueSome needed when List.exists (isChosen setup) keys && sz.Raw < needed.Raw ->
            [
                $"exec.display_ratio and exec.min_display_btc cannot act: at {px} an entry of {sz} shows whole; {takes setup px needed}"
            ]
        | _ -> []

    /// Settings that cannot act at a price, each with what it would take. Nothing is said of defaults, nor where no entry has a size.
    let idle (setup: RunSetup) (px: Px) : string list =
        match sizeAt setup px with
        | EntrySize.Of sz -> clips setup px sz @ display setup px sz
        | _ -> []

    let private document = 20_000_000L, 50_000_000L

    /// What is allowed and worth a word: sizes outside the document's 0.2 to 0.5 % of the equity (D0-063).
    let warnings (values: Values) : ImmutableArray<string> =
        let pct = values.Exact "exec.size_pct"
        let least, most = document

        if pct < least || pct > most then
            ImmutableArray.Create<string>(
                $"exec.size_pct is {Exact.show pct} %% of the equity an entry; the document asks for 0.2 to 0.5 %%"
            )
        else
            ImmutableArray.Empty
