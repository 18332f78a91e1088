module Vrlg.Properties.Ledger

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private empty () = Ledger.Empty(1, 2)
let private account = AccountId.Of 0

/// The ledger after all fills, each at its own millisecond, and how many counted.
let private run (by: Owner) (fills: Fill list) : Ledger * Fill list =
    let step (ledger: Ledger, counted, t) fill =
        let struct (next, verdict) = ledger.Fill(by, fill, at t, at t)

        next,
        (if verdict = FillVerdict.Counted then
             fill :: counted
         else
             counted),
        t + 1L

    let ledger, counted, _ = List.fold step (empty (), [], 1L) fills
    ledger, List.rev counted

let private signed (f: Fill) =
    if f.Side = Side.Buy then f.Sz.Raw else -f.Sz.Raw

let private facts (l: Ledger) =
    [
        for i in 0..1 do
            let p = l.Position(account, InstrumentId.Of i)
            p.Size.Raw, p.Cost.Raw, p.Realised.Raw, p.Fees.Raw, p.Funding.Raw, p.Traded.Raw
    ],
    (l.CashOf account).Raw

let tests =
    testList
        "the ledger"
        [
            law "balances to zero after any fills" (fun () ->
                Prop.forAll fills (fun fills ->
                    let ledger, _ = run null fills
                    (ledger.Balance account).Raw = 0L))
            law "holds what its counted fills add up to" (fun () ->
                Prop.forAll fills (fun fills ->
                    let ledger, counted = run null fills

                    [ 0; 1 ]
                    |> List.forall (fun i ->
                        let mine = counted |> List.filter (fun f -> f.Instrument.Index = i)
                        let held = ledger.Position(account, InstrumentId.Of i)
                        held.Size.Raw = List.sumBy signed mine)))
            law "counts a fill once however often it is told" (fun () ->
                Prop.forAll fills (fun fills ->
                    let once, _ = run null fills
                    let twice, _ = run null (fills @ fills)
                    facts once = facts twice))
            law "keeps cash as the start less what was bought, plus what was sold, less fees" (fun () ->
                Prop.forAll fills (fun fills ->
                    let ledger, counted = run null fills

                    let flow =
                        counted
                        |> List.sumBy (fun f ->
                            let n = Instrument.notional f.Px f.Sz
                            (if f.Side = Side.Buy then -n.Raw else n.Raw) - f.Fee.Raw)

                    (ledger.CashOf account).Raw = flow))
            law "has no cost and no opening instant when flat" (fun () ->
                Prop.forAll fills (fun fills ->
                    let ledger, _ = run null fills

                    [ 0; 1 ]
                    |> List.forall (fun i ->
                        let held = ledger.Position(account, InstrumentId.Of i)
                        held.Size.Raw <> 0L || (held.Cost.Raw = 0L && held.OpenedAt.Ns = 0L))))
            law "owned ends as the pure fold does, and the pure one never changes" (fun () ->
                Prop.forAll fills (fun fills ->
                    let start = empty ()
                    let before = facts start
                    let pure', _ = run null fills
                    let owned, _ = run (Owner()) fills
                    facts pure' = facts owned && facts start = before))
            law "refuses a fill older than its memory" (fun () ->
                let many =
                    [
                        for i in 1L .. 1_100L ->
                            { (List.head (Gen.sample 1 fill |> Array.toList)) with
                                TradeId = i
                            }
                    ]

                let ledger, counted = run (Owner()) many

                let struct (_, verdict) =
                    ledger.Fill(null, { many.Head with TradeId = 1L }, at 1L, at 2_000L)

                counted.Length = 1_100 && verdict = FillVerdict.TooOld)
            law "pays funding out of cash and into the books" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose64 (-1_000_000L, 1_000_000L))) (fun paid ->
                    let funding =
                        {
                            Account = account
                            Instrument = InstrumentId.Of 1
                            Paid = Usd.Of paid
                        }

                    let ledger = (empty ()).Fund(null, funding)
                    (ledger.Balance account).Raw = 0L && (ledger.CashOf account).Raw = -paid))
            law "adopting the venue's position invents no profit" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip (Gen.listOf fill) (Gen.choose64 (-20L, 20L)))) (fun (fills, size) ->
                    let ledger, _ = run null fills
                    let was = ledger.Position(account, InstrumentId.Of 0)

                    let held: HeldPosition =
                        {
                            Instrument = InstrumentId.Of 0
                            Position = sz size
                            AvgPx = px 100L
                        }

                    let next = ledger.Adopt(null, account, held, at 5_000L)
                    let now = next.Position(account, InstrumentId.Of 0)

                    (next.Balance account).Raw = 0L
                    && now.Realised.Raw = was.Realised.Raw
                    && now.Size.Raw = size * lot))
        ]
