module Vrlg.Properties.Ledger

open System
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
            testCase "refuses a fill older than its memory, and knows every one that it does not refuse" (fun () ->
                let first = Gen.sample 1 fill |> Array.head
                let owner = Owner()
                let mutable ledger = empty ()

                let tell i =
                    let struct (next, verdict) =
                        ledger.Fill(owner, { first with TradeId = i }, at (20L * i), at (20L * i))

                    ledger <- next
                    verdict

                for i in 1L .. 1_100L do
                    Expect.equal (tell i) FillVerdict.Counted "new"

                // 1,024 are remembered: the first 76 are not.
                for i in 1L .. 1_100L do
                    let expected =
                        if i <= 76L then
                            FillVerdict.TooOld
                        else
                            FillVerdict.Repeated

                    Expect.equal (tell i) expected $"fill {i} told again")
            testCase "is not made to refuse by a fill that the venue stamped ahead of its arrival" (fun () ->
                let first = Gen.sample 1 fill |> Array.head
                let owner = Owner()
                let mutable ledger = empty ()

                for i in 1L .. 1_100L do
                    let now = at (20_000L * i)
                    // The first by ten hours: what stands behind it could not be forgotten before.
                    let stamped = if i = 1L then at 36_000_000L else now

                    let struct (next, verdict) =
                        ledger.Fill(owner, { first with TradeId = i }, stamped, now)

                    ledger <- next
                    Expect.equal verdict FillVerdict.Counted $"fill {i}"

                let trades = ledger.TradesOf account
                Expect.equal trades.Count 1_024 "no more than usual is remembered"
                Expect.isTrue (trades.Horizon.Ns <= (at 2_000_000L).Ns) "and its horizon is in the past")
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
            law "counts a trade once, whatever size, price or total it is told with again" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip fill fill)) (fun (a, b) ->
                    let again =
                        { b with
                            Cloid = a.Cloid
                            Instrument = a.Instrument
                            TradeId = a.TradeId
                        }

                    let ledger, counted = run null [ a; again; a ]
                    let held = ledger.Position(account, a.Instrument)
                    counted.Length = 1 && held.Size.Raw = signed a))
            law "takes one trade id on two orders or two instruments for two trades" (fun () ->
                Prop.forAll (Arb.fromGen fill) (fun a ->
                    let _, counted =
                        run
                            null
                            [
                                a
                                { a with Cloid = { Run = 1L; N = 9L } }
                                { a with Cloid = { Run = 2L; N = 9L } }
                                { a with
                                    Instrument = InstrumentId.Of(1 - a.Instrument.Index)
                                }
                            ]

                    counted.Length = 4))
            testCase "counts every fill of one instant, and none of them again" (fun () ->
                let first = Gen.sample 1 fill |> Array.head
                let all = [ for i in 1L .. 3_000L -> { first with TradeId = i } ]
                let owner = Owner()

                let fold (ledger: Ledger, counted) fill =
                    let struct (next, verdict) = ledger.Fill(owner, fill, at 5L, at 5L)

                    next,
                    (if verdict = FillVerdict.Counted then
                         counted + 1
                     else
                         counted)

                let once, counted = List.fold fold (empty (), 0) all
                Expect.equal counted 3_000 "each once"
                let _, again = List.fold fold (once, 0) all
                Expect.equal again 0 "and never again")
            testCase "remembers each account by itself" (fun () ->
                let first = Gen.sample 1 fill |> Array.head
                let mutable ledger = Ledger.Empty(2, 2)
                let owner = Owner()

                for i in 1L .. 2_000L do
                    let struct (next, _) =
                        ledger.Fill(owner, { first with TradeId = i }, at (i * 1_000L), at (i * 1_000L))

                    ledger <- next

                let other =
                    { first with
                        Account = AccountId.Of 1
                        TradeId = 1L
                    }

                let struct (_, verdict) = ledger.Fill(owner, other, at 1L, at 3_000L)
                Expect.equal verdict FillVerdict.Counted "the other account's first fill is not too old"

                let struct (_, old) =
                    ledger.Fill(owner, { first with TradeId = 1L }, at 1_000L, at 3_000L)

                Expect.equal old FillVerdict.TooOld "this account's is")
            law "survives sizes and prices that no venue means" (fun () ->
                let extreme =
                    Gen.elements [ 1L; 7L; lot; Int64.MaxValue / 2L; Int64.MaxValue - 1L; Int64.MaxValue ]

                let wild =
                    gen {
                        let! f = fill
                        let! size = extreme
                        let! price = extreme

                        return
                            { f with
                                Sz = Sz.Of size
                                Px = Px.Of price
                            }
                    }

                Prop.forAll (Arb.fromGen (Gen.listOf wild)) (fun all ->
                    let ledger, _ =
                        all
                        |> List.indexed
                        |> List.map (fun (i, f) -> { f with TradeId = int64 i })
                        |> run null

                    [ 0; 1 ]
                    |> List.forall (fun i ->
                        let held = ledger.Position(account, InstrumentId.Of i)

                        let next =
                            ledger.Adopt(
                                null,
                                account,
                                {
                                    Instrument = InstrumentId.Of i
                                    Position = Sz.Of Int64.MinValue
                                    AvgPx = px 1L
                                },
                                at 1L
                            )

                        let adopted = next.Position(account, InstrumentId.Of i)
                        let size: Sz = held.Size
                        let most: Sz = adopted.Size
                        let size, most = size.Abs, most.Abs
                        size.Raw >= 0L && most.Raw > 0L && (next.Balance account).Raw = 0L)))
        ]
