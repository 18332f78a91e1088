module Vrlg.Properties.Ladder

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law

/// What is done to a side of a book: at a price, so many lots.
type private Deed =
    | Put of px: int64 * lots: int64
    | Trade of px: int64 * lots: int64
    | Drop of px: int64

/// A level as a plain map keeps it.
type private Plain = { V: int64; X: int64; IsDropped: bool }

let private tick = 100_000_000L

/// The market wanders: deed `i` is near tick `1000 + i / 8`, so that hundreds of levels come and go.
let private deeds =
    let deed i =
        let near =
            Gen.choose (1000 + i / 8, 1150 + i / 8) |> Gen.map (fun t -> int64 t * tick)

        let lots =
            Gen.frequency [ 2, Gen.constant 0L; 1, Gen.choose (1, 9) |> Gen.map int64 ]

        Gen.frequency
            [
                12, Gen.map2 (fun p q -> Put(p, q)) near lots
                3, Gen.map2 (fun p q -> Trade(p, q + 1L)) near lots
                1, Gen.map Drop near
            ]

    gen {
        let! n = Gen.choose (1, 1500)
        let! all = Gen.collectToList deed [ 0 .. n - 1 ]
        return all
    }

let private key (side: Side) (px: int64) = if side = Side.Buy then px else -px

let private step (side: Side) (model: Map<int64, Plain>) (deed: Deed) : Map<int64, Plain> =
    match deed with
    | Put(px, 0L) -> Map.remove px model
    | Put(px, lots) -> Map.add px { V = lots; X = 0L; IsDropped = false } model
    | Trade(px, lots) ->
        match Map.tryFind px model with
        | Some l -> Map.add px { l with X = min l.V (l.X + lots) } model
        | None -> model
    | Drop px ->
        model
        |> Map.map (fun p l ->
            { l with
                IsDropped = l.IsDropped || (key side p >= key side px && l.V > l.X)
            })

let private apply (by: Owner) (now: int64) (ladder: Ladder) (deed: Deed) : Ladder =
    match deed with
    | Put(px, lots) -> ladder.Set(by, px, lots, now)
    | Trade(px, lots) -> ladder.Trade(by, px, lots)
    | Drop px ->
        let struct (next, _) = ladder.DropCrossed(by, px)
        next

/// Everything displayed, best first, by walking the ranks.
let private view (l: Ladder) =
    [
        for rank in l.Count - 1 .. -1 .. 0 do
            let level = l.Ranked rank

            if level.V > 0L then
                level.Px, level.V, level.X
    ]

let private plainView (side: Side) (model: Map<int64, Plain>) =
    model
    |> Map.toList
    |> List.sortByDescending (fun (px, _) -> key side px)
    |> List.map (fun (px, l) -> px, l.V, l.X)

let private best (side: Side) (model: Map<int64, Plain>) =
    model
    |> Map.toSeq
    |> Seq.filter (fun (_, l) -> l.V > l.X && not l.IsDropped)
    |> Seq.sortByDescending (fun (px, _) -> key side px)
    |> Seq.tryHead

let private agrees (side: Side) (model: Map<int64, Plain>) (l: Ladder) =
    let isBest =
        match best side model with
        | None -> l.BestPx = 0L && l.BestSz = 0L && l.BestRank = -1
        | Some(px, p) -> l.BestPx = px && l.BestSz = p.V - p.X && (l.Ranked l.BestRank).Px = px

    let isFound (px: int64) (p: Plain) =
        match l.IndexOf px with
        | -1 -> false
        | place -> l.Eff place = p.V - p.X && l.IsDropped place = p.IsDropped

    isBest && Map.forall isFound model && view l = plainView side model

/// A deed every second: what is removed is forgotten as soon as room is needed.
let private second = 1_000_000_000L

let private folded (side: Side) (by: Owner) (all: Deed list) =
    all
    |> List.indexed
    |> List.fold (fun l (i, d) -> apply by (int64 i * second) l d) (Ladder.Empty side)

let private sides = Gen.elements [ Side.Buy; Side.Sell ]

let tests =
    testList
        "a ladder"
        [
            lawN 60 "is a sorted map, of however many levels" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip sides deeds)) (fun (side, all) ->
                    let by = Owner()
                    let mutable model = Map.empty
                    let mutable ladder = Ladder.Empty side
                    let mutable isSame = true

                    for i, deed in List.indexed all do
                        ladder <- apply by (int64 i * second) ladder deed
                        model <- step side model deed

                        if i % 16 = 0 then
                            isSame <- isSame && agrees side model ladder

                    isSame && agrees side model ladder))
            lawN 60 "shared at any moment never changes" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip sides (Gen.zip deeds deeds))) (fun (side, (first, later)) ->
                    let shared = folded side (Owner()) first
                    let before = view shared, shared.BestPx, shared.Count

                    let fork deeds =
                        let by = Owner()

                        deeds
                        |> List.indexed
                        |> List.fold (fun l (i, d) -> apply by (int64 (i + 9999) * second) l d) shared

                    let once = fork later
                    let seen = view once
                    let other = fork (List.rev later)
                    let isKept = view once = seen && (view shared, shared.BestPx, shared.Count) = before
                    isKept && view (fork later) = seen && other.Side = side))
        ]
