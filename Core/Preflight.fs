namespace Vrlg.Core

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
