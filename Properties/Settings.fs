module Vrlg.Properties.Settings

open System
open System.Collections.Immutable
open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law

let private keys = ScalperKeys.all

let private node value : Node =
    {
        Value = value
        At = { Line = 3; Column = 5 }
    }

/// A tree of `section.name` pairs, each on a line of its own.
let private tree (pairs: (string * Value) list) : Node =
    let sections =
        pairs
        |> List.map (fun (path, _) -> path.Substring(0, path.IndexOf '.'))
        |> List.distinct

    let section (name: string) : Entry =
        let entries =
            pairs
            |> List.indexed
            |> List.choose (fun (i, (path, value)) ->
                if path.StartsWith(name + ".", StringComparison.Ordinal) then
                    let place: Place = { Line = i + 1; Column = 1 }
                    let key = path.Substring(name.Length + 1)

                    Some
                        {
                            Key = key
                            KeyAt = place
                            Node = { Value = value; At = place }
                        }
                else
                    None)

        {
            Key = name
            KeyAt = { Line = 1; Column = 1 }
            Node = node (Value.Table(ImmutableArray.CreateRange entries))
        }

    node (Value.Table(ImmutableArray.CreateRange(List.map section sections)))

let private read tree (sets: (string * string) list) =
    Reader.read keys tree (ImmutableArray.CreateRange [ for k, v in sets -> struct (k, v) ])

let private whole =
    keys
    |> Seq.filter (fun k ->
        match k.Kind with
        | Kind.Whole _ -> true
        | _ -> false)
    |> Seq.toList

/// A key of whole numbers with a value inside and one outside of its range.
let private inside: Gen<Key * int64> =
    gen {
        let! key = Gen.elements whole

        match key.Kind with
        | Kind.Whole(least, most) ->
            let! n = Gen.choose64 (least, min most (least + 1_000L))
            return key, n
        | _ -> return key, 0L
    }

let private distinct (pairs: (Key * int64) list) =
    pairs |> List.distinctBy (fun (k, _) -> k.Path)

let private wholeNumber (n: int64) = Value.Whole(string n)

/// Reads what `show` printed: the text is TOML, but plain enough for a reader of a few lines.
let private plain (text: string) : Node =
    let mutable section = ""

    tree
        [
            for line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries) do
                if line.StartsWith '[' then
                    section <- line.Trim('[', ']')
                else
                    match line.Split(" = ", 2) with
                    | [| key; value |] -> $"{section}.{key}", Reader.valueOf value
                    | _ -> ()
        ]

let tests =
    testList
        "settings"
        [
            law "shown and read again are the same settings" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.listOf inside)) (fun pairs ->
                    match read (tree [ for k, n in distinct pairs -> k.Path, wholeNumber n ]) [] with
                    | Error _ -> false
                    | Ok values ->
                        let text = Reader.show values

                        match read (plain text) [] with
                        | Ok again -> Reader.show again = text
                        | Error _ -> false))
            law "given in range are in force, the others at their defaults" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.listOf inside)) (fun pairs ->
                    let given = distinct pairs

                    match read (tree [ for k, n in given -> k.Path, wholeNumber n ]) [], read (tree []) [] with
                    | Ok values, Ok defaults ->
                        keys
                        |> Seq.forall (fun k ->
                            match given |> List.tryFind (fun (g, _) -> g.Path = k.Path) with
                            | Some(_, n) -> values.Whole k.Path = n
                            | None -> values.TryFind k.Path = defaults.TryFind k.Path)
                    | _ -> false))
            law "report every unknown key, each at its own line" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose (1, 9))) (fun n ->
                    match read (tree [ for i in 1..n -> $"signal.zz{i}", wholeNumber 1L ]) [] with
                    | Ok _ -> false
                    | Error problems ->
                        problems.Length = n
                        && problems |> Seq.mapi (fun i p -> p.At.Line = i + 1) |> Seq.forall id))
            law "report every value out of range at once" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.nonEmptyListOf (Gen.elements whole))) (fun picked ->
                    let chosen = List.distinctBy (fun (k: Key) -> k.Path) picked

                    match read (tree [ for k in chosen -> k.Path, Value.Whole "-2" ]) [] with
                    | Ok _ -> false
                    | Error problems ->
                        Seq.length problems = chosen.Length
                        && problems |> Seq.forall (fun p -> p.Sentence.Contains "between")))
            law "report a wrong type for every kind of key" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.elements (Seq.toList keys))) (fun key ->
                    let wrong = Value.Moment("date-local", "2026-01-01")

                    match read (tree [ key.Path, wrong ]) [] with
                    | Ok _ -> false
                    | Error problems -> problems.Length = 1 && problems[0].Path = key.Path))
            law "let --set win over the file" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip inside inside)) (fun ((a, x), (_, _)) ->
                    match a.Kind with
                    | Kind.Whole(least, _) ->
                        match read (tree [ a.Path, wholeNumber x ]) [ a.Path, string least ] with
                        | Ok values -> values.Whole a.Path = least
                        | Error _ -> false
                    | _ -> true))
            law "know the nearest key for one letter mistyped" (fun () ->
                let drawn =
                    Gen.zip
                        (Gen.elements (keys |> Seq.filter (fun k -> k.Path.Length > 14) |> Seq.toList))
                        (Gen.choose (0, 100))

                Prop.forAll (Arb.fromGen drawn) (fun (key, place) ->
                    let dot = key.Path.IndexOf '.'
                    let i = dot + 1 + place % (key.Path.Length - dot - 1)
                    let typed = key.Path.Remove(i, 1)

                    match read (tree [ typed, wholeNumber 1L ]) [] with
                    | Ok _ -> keys |> Seq.exists (fun k -> k.Path = typed)
                    | Error problems -> problems[0].Sentence.Contains $"did you mean {key.Path}?"))
            law "refuse not-a-number and infinity wherever a number is asked for" (fun () ->
                let numbers =
                    keys
                    |> Seq.filter (fun k -> k.Kind <> Kind.Text && k.Kind <> Kind.Flag)
                    |> Seq.toList

                Prop.forAll
                    (Arb.fromGen (Gen.zip (Gen.elements numbers) (Gen.elements [ "nan"; "inf"; "-inf" ])))
                    (fun (key, word) ->
                        match read (tree [ key.Path, Value.Number word ]) [] with
                        | Ok _ -> false
                        | Error problems -> problems.Length = 1))
            testCase "the document's band of most of the circle is refused (X07)" (fun () ->
                match read (tree []) [ "signal.M", "2" ] with
                | Ok values -> Expect.equal (Setup.check values).Length 1 "z/M = 0.3 is above 1/4"
                | Error _ -> failtest "the settings alone are fine")
            testCase "blocks that are expected while nothing watches for a stall are refused" (fun () ->
                match read (tree []) [ "risk.expect_blocks", "true"; "risk.block_stall_s", "0" ] with
                | Ok values ->
                    let problems = Setup.check values
                    Expect.equal problems.Length 1 "they contradict each other"
                    Expect.stringContains problems[0].Sentence "risk.block_stall_s" "and both are named"
                | Error _ -> failtest "the settings alone are fine"

                match read (tree []) [ "risk.expect_blocks", "true" ] with
                | Ok values -> Expect.isEmpty (Setup.check values) "the default watches"
                | Error _ -> failtest "fine")
            law "allow no band so narrow that nothing could trade, and exits inside it" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose64 (1L, 10_000_000L))) (fun raw ->
                    match read (tree []) [ "risk.band_pct", Exact.show raw ] with
                    | Error _ -> raw < 2_000_000L
                    | Ok values ->
                        let setup: RunSetup =
                            {
                                Values = values
                                Instrument = Draws.instrument 0
                            }

                        let desk = Array.head (Setup.desks setup)
                        let plan = desk.Plan
                        plan.ToleranceBps > 0 && plan.ToleranceBps < plan.Limits.BandBps))
            testCase "symbols mean coins" (fun () ->
                for symbol, coin in
                    [
                        "BTCUSD-PERP", "BTC"
                        "BTC", "BTC"
                        "ETH-USD", "ETH"
                        "SOL-PERP", "SOL"
                        "WLFI", "WLFI"
                    ] do
                    Expect.equal (Setup.coinOf symbol) coin symbol)
        ]
