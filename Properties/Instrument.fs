module Vrlg.Properties.Instrument

open System
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private kinds =
    gen {
        let! decimals = Gen.choose (0, 5)
        let! kind = Gen.elements [ InstrumentKind.Perp; InstrumentKind.Spot ]

        return
            { instrument 0 with
                Kind = kind
                SzDecimals = decimals
                MinNotional = Usd.Of 1_000_000_000L
            }
    }

let private raw = Gen.choose64 (1L, 20_000_000_000_000L)
let private drawn = Arb.fromGen (Gen.zip kinds raw)
let private sided = Arb.fromGen (Gen.zip3 kinds raw side)

/// By its text: at most five significant figures unless whole, and no more decimals than the asset has.
let private isValidByText (i: Instrument) (raw: int64) =
    let text = Exact.show raw

    match text.IndexOf '.' with
    | -1 -> true
    | point ->
        let decimals = text.Length - point - 1
        let figures = text.Replace(".", "").TrimStart('0').Length
        let most = (if i.Kind = InstrumentKind.Spot then 8 else 6) - i.SzDecimals
        decimals <= most && figures <= 5

let tests =
    testList
        "an instrument"
        [
            law "accepts exactly the prices that the venue's text rule accepts" (fun () ->
                Prop.forAll drawn (fun (i, raw) -> Instrument.isValidPx i (Px.Of raw) = isValidByText i raw))
            law "rounds a price by side, never against risk, and never by a tick or more" (fun () ->
                Prop.forAll sided (fun (i, raw, side) ->
                    let px = Instrument.roundPx i side raw
                    let tick = Instrument.tickAt i (Px.Of raw)

                    if side = Side.Buy then
                        px.Raw <= raw && raw - px.Raw < tick
                    else
                        px.Raw >= raw && px.Raw - raw < tick))
            law "rounds to a valid price, and a valid price to itself" (fun () ->
                Prop.forAll sided (fun (i, raw, side) ->
                    let px = Instrument.roundPx i side raw
                    let again = Instrument.roundPx i side px.Raw
                    (px.Raw = 0L || Instrument.isValidPx i px) && again.Raw = px.Raw))
            law
                "reaches past a price by its basis points, cheap or dear, to a valid price and never by a tick more"
                (fun () ->
                    let prices =
                        Gen.oneof
                            [
                                Gen.choose64 (1L, 30_000L)
                                raw
                                Gen.choose64 (Int64.MaxValue / 2L, Int64.MaxValue)
                            ]

                    let drawn = Gen.zip (Gen.zip3 kinds prices side) (Gen.choose (0, 5_000))

                    Prop.forAll (Arb.fromGen drawn) (fun ((i, raw, side), bps) ->
                        let px = Instrument.reachPx i side (Px.Of raw) bps
                        let share = bigint raw * bigint bps / 10_000I

                        let exact =
                            if side = Side.Buy then
                                bigint raw + share
                            else
                                bigint raw - share

                        let most = bigint Int64.MaxValue
                        let far = min exact most
                        let tick = bigint (Instrument.tickAt i (Px.Of(int64 far)))

                        let off =
                            if side = Side.Buy then
                                bigint px.Raw - far
                            else
                                far - bigint px.Raw

                        let isLeast = px.Raw = Instrument.priceUnit i && side = Side.Sell
                        let isMost = far + tick > most && side = Side.Buy

                        Instrument.isValidPx i px && (isLeast || isMost || (off >= 0I && off < tick))))
            law "steps down what it stepped up" (fun () ->
                Prop.forAll drawn (fun (i, raw) ->
                    let px = Instrument.floorPx i raw

                    if px.Raw = 0L then
                        true
                    else
                        let up = Instrument.stepPx i px 3
                        let back = Instrument.stepPx i up -3
                        back.Raw = px.Raw))
            law "makes orders that the venue's own rules accept" (fun () ->
                let sizes = Arb.fromGen (Gen.zip3 kinds raw (Gen.choose64 (0L, 500_000_000_000L)))

                Prop.forAll sizes (fun (i, raw, size) ->
                    match Instrument.order i Side.Buy raw (Sz.Of size) false with
                    | Error _ -> true
                    | Ok(struct (px, sz)) ->
                        let value = Instrument.notional px sz

                        Instrument.isValidPx i px
                        && Instrument.isValidSz i sz
                        && px.Raw <= raw
                        && sz.Raw <= size
                        && value.Raw >= i.MinNotional.Raw))
            law "has notionals equal to exact multiplication" (fun () ->
                let both = Arb.fromGen (Gen.zip raw (Gen.choose64 (0L, 100_000_000_000L)))

                Prop.forAll both (fun (px, sz) ->
                    let wide =
                        Numerics.BigInteger px * Numerics.BigInteger sz
                        / Numerics.BigInteger 100_000_000L

                    let capped = Numerics.BigInteger.Min(wide, Numerics.BigInteger Int64.MaxValue)
                    let value = Instrument.notional (Px.Of px) (Sz.Of sz)
                    Numerics.BigInteger value.Raw = capped))
            law "charges fees that are never below the exact ones, and less than a unit above" (fun () ->
                let rates = Arb.fromGen (Gen.zip (Gen.choose64 (-3_000_000L, 5_000_000L)) raw)

                Prop.forAll rates (fun (rate, notional) ->
                    let fee = Fees.charge (Rate.Of rate) (Usd.Of notional)
                    let exact = Numerics.BigInteger rate * Numerics.BigInteger notional
                    let scaled = Numerics.BigInteger fee.Raw * Numerics.BigInteger 10_000_000_000L
                    scaled >= exact && scaled - exact < Numerics.BigInteger 10_000_000_000L))
            law "pays funding rounded once from the exact product, against us" (fun () ->
                let any =
                    Gen.oneof
                        [
                            Gen.choose64 (-1_000_000L, 1_000_000L)
                            Gen.choose64 (-1_000_000_000_000L, 1_000_000_000_000L)
                            Gen.elements [ Int64.MinValue; -1L; 0L; 1L; Int64.MaxValue ]
                        ]

                Prop.forAll (Arb.fromGen (Gen.zip3 any any any)) (fun (position, oracle, rate) ->
                    let wide: Numerics.BigInteger list =
                        [
                            Numerics.BigInteger position
                            Numerics.BigInteger oracle
                            Numerics.BigInteger rate
                        ]

                    let product = List.reduce (fun a b -> Numerics.BigInteger.Multiply(a, b)) wide
                    let scale = Numerics.BigInteger.Pow(Numerics.BigInteger 10, 20)

                    let up =
                        -Numerics.BigInteger.Divide(-product - (if product > 0I then scale - 1I else 0I), scale)

                    let low, high =
                        Numerics.BigInteger Int64.MinValue, Numerics.BigInteger Int64.MaxValue

                    let expected = Numerics.BigInteger.Max(low, Numerics.BigInteger.Min(high, up))
                    let paid = Fees.funding (Sz.Of position) (Px.Of oracle) rate
                    Numerics.BigInteger paid.Raw = expected))
            testCase "every status of the protocol reference has a meaning, and none is guessed" (fun () ->
                for word in OrderStatuses.known do
                    match OrderStatuses.ofWord word with
                    | OrderStatus.Unknown _ -> failtest $"{word} is unknown"
                    | status -> Expect.equal (OrderStatuses.toWord status) word "the word comes back"

                match OrderStatuses.ofWord "somethingNewCanceled" with
                | OrderStatus.Unknown word -> Expect.equal word "somethingNewCanceled" "a new word is data"
                | other -> failtest $"{other} was guessed")
        ]
