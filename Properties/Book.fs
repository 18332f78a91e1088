module Vrlg.Properties.Book

open System
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

/// One level record: bids below 100, asks from 100 on, so that nothing crosses.
let private level =
    gen {
        let! s = side
        let! offset = Gen.choose64 (0L, 30L)
        let! size = Gen.frequency [ 1, Gen.constant 0L; 3, Gen.choose64 (1L, 9L) ]
        return s, (if s = Side.Buy then 99L - offset else 100L + offset), size
    }

let private levels = Arb.fromGen (Gen.listOf level)

/// Any prices at all: locked and crossed books included.
let private wild =
    gen {
        let! s = side
        let! price = Gen.choose64 (90L, 110L)
        let! size = Gen.choose64 (0L, 9L)
        return s, price, size
    }

let private put (by: Owner) (book: Book) (i: int) (s, price, size) =
    book.WithLevel(by, s, px price, sz size, at (int64 i))

let private build (by: Owner) records =
    records |> List.indexed |> List.fold (fun b (i, r) -> put by b i r) Book.Empty

let private model records (s: Side) =
    records
    |> List.fold (fun m (rs, price, size) -> if rs = s then Map.add price size m else m) Map.empty
    |> Map.filter (fun _ size -> size > 0L)

let private view (b: Book) =
    [
        for s in [ Side.Buy; Side.Sell ] ->
            [ for l in b.Best(s, 100) -> let p, q = l.Px, l.Sz in p.Raw / lot, q.Raw / lot ]
    ]

let tests =
    testList
        "a book"
        [
            law "shows exactly the levels that were set last, best first" (fun () ->
                Prop.forAll levels (fun records ->
                    let b = build null records
                    let bids = model records Side.Buy |> Map.toList |> List.rev
                    let asks = model records Side.Sell |> Map.toList
                    view b = [ bids; asks ]))
            law "has the best of each side as its touch" (fun () ->
                Prop.forAll levels (fun records ->
                    let touch = (build null records).Touch

                    let best pick (m: Map<int64, int64>) =
                        if m.IsEmpty then 0L else pick (Map.keys m)

                    let bid = best Seq.max (model records Side.Buy)
                    let ask = best Seq.min (model records Side.Sell)
                    touch.BidPx.Raw = bid * lot && touch.AskPx.Raw = ask * lot))
            law "is never locked or crossed in view, whatever the feed sends" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.listOf wild)) (fun records ->
                    let touch = (build null records).Touch
                    not touch.IsWhole || touch.BidPx.Raw < touch.AskPx.Raw))
            law "owned ends as the pure fold does, and the pure one never changes" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.listOf wild)) (fun records ->
                    let half = build null records
                    let before = view half
                    let owner = Owner()

                    let owned =
                        records
                        |> List.indexed
                        |> List.fold (fun b (i, r) -> put owner b (1000 + i) r) half

                    let pure' =
                        records
                        |> List.indexed
                        |> List.fold (fun b (i, r) -> put null b (1000 + i) r) half

                    view owned = view pure' && view half = before))
            law "keeps a newer level when an older record arrives late" (fun () ->
                Prop.forAll levels (fun records ->
                    let b = build null records

                    let late =
                        List.fold
                            (fun (b: Book) (s, price, size) ->
                                b.WithLevel(null, s, px price, sz size, Instant.Of -1L))
                            b
                            records

                    let known =
                        records |> List.forall (fun (s, price, _) -> b.On(s).IndexOf(price * lot) >= 0)

                    not known || view late = view b))
            law "of a whole book shows that book inside its visible range" (fun () ->
                let books =
                    Gen.zip (Gen.listOf level) (Gen.zip (Gen.choose (1, 5)) (Gen.choose (1, 5)))
                    |> Arb.fromGen

                Prop.forAll books (fun (records, (nb, na)) ->
                    let rows (first: int64) (step: int64) n =
                        ImmutableArray.CreateRange
                            [
                                for i in 0L .. int64 n - 1L ->
                                    {
                                        Px = px (first + step * i)
                                        Sz = sz (i + 1L)
                                    }
                            ]

                    let bids, asks = rows 99L -2L nb, rows 100L 2L na
                    let b = (build null records).WithDepth(null, Depth(5, bids, asks), at 10_000L)

                    let top (s: Side) (rows: ImmutableArray<PxSz>) =
                        [ for l in b.Best(s, rows.Length) -> l.Px.Raw, l.Sz.Raw ]

                    let raw (rows: ImmutableArray<PxSz>) = [ for l in rows -> l.Px.Raw, l.Sz.Raw ]
                    top Side.Buy bids = raw bids && top Side.Sell asks = raw asks))
        ]
