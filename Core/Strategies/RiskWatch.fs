namespace Vrlg.Core

open System
open System.Collections.Immutable

/// What the scalper watches of its own trading for the risk table: book impact (D0-070) and slippage (D0-071). It looks on the
/// grid and whenever a slot moves: no order and no fill of its own escapes it.
[<NoComparison; NoEquality>]
type RiskWatch =
    internal
        {
            Impact: BookImpact
            Slippage: Slippage
            /// Size at the best quotes, both sides, when an entry was last spoken or a slot last moved: what an order that is new at
            /// the next look was placed into.
            Top: int64
            /// The latest quotes that were counted.
            Buy: Cloid
            Sell: Cloid
            /// Net money paid, value traded and size held at the last look.
            Paid: int64
            Traded: int64
            Held: int64
        }

    static member Start(impact: BookImpactConfig, slippage: SlippageConfig) : RiskWatch =
        {
            Impact = BookImpact.Start impact
            Slippage = Slippage.Start slippage
            Top = 0L
            Buy = Cloid.None
            Sell = Cloid.None
            Paid = 0L
            Traded = 0L
            Held = 0L
        }

/// One look at the desk's own orders and fills.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal RiskWatch =
    /// A quote is counted once, at the instant and with the book that it was placed with; `Sz` is what it shows.
    let private placed (w: RiskWatch) (there: SlotView) (counted: Cloid) : BookImpact =
        if there.Cloid.IsNone || there.Cloid = counted then
            w.Impact
        else
            w.Impact.Placed(there.SentAt, there.Sz, Sz.Of w.Top)

    /// Fills since the last look: money paid less the mid's worth of what came, whatever the sides. Where all were of one side
    /// the size is exact; where both were, it is the value traded over the mid.
    let private filled (w: RiskWatch) (view: View) (instrument: InstrumentId) (rules: Instrument) : RiskWatch =
        let held, paid, traded =
            view.Position instrument, view.Paid instrument, view.Traded instrument

        let touch = view.Touch instrument

        let slippage =
            if traded.Raw = w.Traded || not touch.IsWhole then
                w.Slippage
            else
                let one = Int128.op_Implicit 100_000_000L
                let mid = Int128.op_Implicit touch.MidTwice
                let dPaid = Int128.op_Implicit paid.Raw - Int128.op_Implicit w.Paid
                let dHeld = Int128.op_Implicit held.Raw - Int128.op_Implicit w.Held
                let dTraded = Int128.op_Implicit traded.Raw - Int128.op_Implicit w.Traded
                let loss = dPaid + dPaid - mid * dHeld / one

                let size =
                    if Int128.Abs dPaid = dTraded then
                        Int128.Abs dHeld
                    else
                        (dTraded + dTraded) * one / mid

                let most = Int128.op_Implicit Int64.MaxValue
                let sz = Sz.Of(Int128.op_Explicit (Int128.Min(size, most)): int64)
                w.Slippage.Filled(view.Now, sz, loss, Instrument.tickAt rules touch.BidPx)

        { w with
            Slippage = slippage.At view.Now
            Paid = paid.Raw
            Traded = traded.Raw
            Held = held.Raw
        }

    let private say (code: string) (numbers: (string * float) list) : Intent =
        Say
            {
                Code = code
                Numbers = ImmutableArray.CreateRange [ for name, v in numbers -> struct (name, v) ]
            }

    /// What turned since the last look, in words.
    let private turned (c: ScalperConfig) (was: RiskWatch) (now: RiskWatch) : ImmutableArray<Intent> =
        let ratio (raw: int64) = float raw / 1e8
        let said = ImmutableArray.CreateBuilder<Intent>()
        let sum = ratio now.Impact.Sum

        if now.Impact.IsHalved && not was.Impact.IsHalved then
            said.Add(say "impact.halved" [ "sum", sum; "limit", ratio c.Impact.Most ])
        elif was.Impact.IsHalved && not now.Impact.IsHalved then
            said.Add(say "impact.restored" [ "sum", sum; "limit", ratio (min c.Impact.Restore c.Impact.Most) ])

        let numbers () =
            [
                "average_ticks", now.Slippage.Average
                "limit_ticks", float c.Slippage.MostTicks
                "fills", float now.Slippage.Count
            ]

        if now.Slippage.IsOver && not was.Slippage.IsOver then
            said.Add(say "slippage.over" (numbers ()))
        elif was.Slippage.IsOver && not now.Slippage.IsOver then
            said.Add(say "slippage.recovered" (numbers ()))

        said.ToImmutable()

    /// What stands at the best quotes now.
    let entered (touch: Touch) (w: RiskWatch) : RiskWatch =
        { w with
            Top = touch.BidSz.Raw + touch.AskSz.Raw
        }

    /// Nothing of ours happened since the last look, and nothing grew old.
    let private isSame (w: RiskWatch) (view: View) (instrument: InstrumentId) (buy: Cloid) (sell: Cloid) : bool =
        let traded, held = view.Traded instrument, view.Position instrument

        buy = w.Buy
        && sell = w.Sell
        && traded.Raw = w.Traded
        && held.Raw = w.Held
        && obj.ReferenceEquals(w.Impact.At view.Now, w.Impact)
        && obj.ReferenceEquals(w.Slippage.At view.Now, w.Slippage)

    /// One look; `bid` and `ask` are the slots of the quotes. Allocates nothing where nothing happened on the grid.
    let look
        (c: ScalperConfig)
        (view: View)
        (isGrid: bool)
        (bid: Slot)
        (ask: Slot)
        (w: RiskWatch)
        : struct (RiskWatch * ImmutableArray<Intent>) =
        match view.Rules c.Instrument with
        | ValueNone -> struct (w, ImmutableArray.Empty)
        | ValueSome rules ->
            let buy, sell = view.Slot bid, view.Slot ask

            if isGrid && isSame w view c.Instrument buy.Cloid sell.Cloid then
                struct (w, ImmutableArray.Empty)
            else
                let first = { w with Impact = placed w buy w.Buy }
                let both = placed first sell w.Sell
                let seen = filled first view c.Instrument rules

                let next =
                    { entered (view.Touch c.Instrument) seen with
                        Impact = both.At view.Now
                        Buy = buy.Cloid
                        Sell = sell.Cloid
                    }

                struct (next, turned c w next)
