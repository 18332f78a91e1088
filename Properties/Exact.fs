module Vrlg.Properties.Exact

open System
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law

let private raws =
    Arb.fromGen (Gen.choose64 (-9_000_000_000_000_000L, 9_000_000_000_000_000L))

let private wild =
    let piece =
        Gen.elements
            [
                "0"
                "1"
                "9"
                "."
                "-"
                "+"
                "e"
                "E"
                "nan"
                " "
                "_"
                "00"
                "5"
                "e-5"
                "∞"
            ]

    Arb.fromGen (Gen.map (String.concat "") (Gen.listOf piece))

let private plain =
    gen {
        let! whole = Gen.choose64 (0L, 999_999L)
        let! part = Gen.choose64 (0L, 99_999_999L)
        return $"{whole}.{part:D8}"
    }
    |> Arb.fromGen

let tests =
    testList
        "exact text"
        [
            law "shown and read again is the same number" (fun () ->
                Prop.forAll raws (fun raw -> Exact.parse (Exact.show raw) = Ok raw))
            law "read is what decimal arithmetic says" (fun () ->
                Prop.forAll plain (fun text ->
                    let expected =
                        Decimal.Parse(text, Globalization.CultureInfo.InvariantCulture) * 100_000_000m

                    Exact.parse text = Ok(int64 expected)))
            law "of any kind gets an answer, never an exception" (fun () ->
                Prop.forAll wild (fun text ->
                    match Exact.parse text with
                    | Ok _ -> true
                    | Error problem -> (Exact.sentence problem).Length > 0))
            law "in exponent form is the number written out" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (1, 9999)) (Gen.choose (0, 8)))) (fun (n, e) ->
                    let written = decimal n / decimal (Math.Pow(10.0, float e))
                    Exact.parse $"{n}e-{e}" = Ok(int64 (written * 100_000_000m))))
            law "as a wire price never has more than five figures unless it is whole" (fun () ->
                Prop.forAll plain (fun text ->
                    match Exact.formatPrice false 0 text with
                    | Error _ -> true
                    | Ok wire ->
                        let figures = wire.Replace(".", "").TrimStart('0').Length
                        not (wire.Contains '.') || figures <= 5))
            law "as a wire price is cut toward zero, never up" (fun () ->
                Prop.forAll plain (fun text ->
                    match Exact.formatPrice false 0 text with
                    | Error _ -> true
                    | Ok wire ->
                        let invariant = Globalization.CultureInfo.InvariantCulture
                        Decimal.Parse(wire, invariant) <= Decimal.Parse(text, invariant)))
        ]
