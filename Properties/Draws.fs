/// Generators: plausible values first, hostile ones on purpose.
module Vrlg.Properties.Draws

open FsCheck
open FsCheck.FSharp
open Vrlg.Core

let lot = 100_000_000L
let px (units: int64) = Px.Of(units * lot)
let sz (units: int64) = Sz.Of(units * lot)
let at (ms: int64) = Instant.OfMs ms

/// An instrument on the integer grid: one lot is 1.0, one tick is 1.0.
let instrument (index: int) : Instrument =
    {
        Id = InstrumentId.Of index
        Venue = VenueId.Of 0
        Name = $"I{index}"
        Kind = InstrumentKind.Perp
        SzDecimals = 0
        MaxLeverage = 10
        MinNotional = Usd.Of 0L
    }

let newOrder (n: int64) (side: Side) (price: int64) (size: int64) : NewOrder =
    {
        Account = AccountId.Of 0
        Instrument = InstrumentId.Of 0
        Cloid = { Run = 1L; N = n }
        Side = side
        Px = px price
        Sz = sz size
        Tif = Tif.Alo
        ReduceOnly = false
        Trigger = Px.Of 0L
        Expires = Instant.Of 0L
    }

let order (n: int64) (size: int64) : Order =
    {
        New = newOrder n Side.Buy 100L size
        Desk = DeskId.Of 0
        Slot =
            {
                Instrument = InstrumentId.Of 0
                Side = Side.Buy
                Name = 0
            }
        Total = sz size
        Before = Sz.Of 0L
        Phase = Phase.Sent
        Oid = 0L
        Filled = Sz.Of 0L
        Told = Sz.Of -1L
        SentAt = at 0L
        ChangedAt = at 0L
        AskedAt = at 0L
    }

/// What may happen to an order of 10 lots, in any order, repeats and contradictions included.
let orderEvent: Gen<OrderEvent> =
    Gen.frequency
        [
            4, Gen.map OrderEvent.Accepted (Gen.choose64 (0L, 3L))
            4, Gen.map (fun n -> OrderEvent.Filled(sz n)) (Gen.choose64 (1L, 6L))
            2, Gen.constant OrderEvent.CancelSent
            2, Gen.constant OrderEvent.CancelRefused
            2, Gen.constant OrderEvent.Unanswered
            1, Gen.constant OrderEvent.Lapsed
            1, Gen.constant OrderEvent.Listed
            1, Gen.constant OrderEvent.Unlisted
            1, Gen.constant OrderEvent.Accounted
            1, Gen.constant (OrderEvent.Refused(OrderStatus.Rejected "badAloPxRejected"))
            2, Gen.constant (OrderEvent.Ended(OrderStatus.Cancelled "canceled", ValueNone))
            2,
            Gen.map
                (fun n -> OrderEvent.Ended(OrderStatus.Cancelled "canceled", ValueSome(sz n)))
                (Gen.choose64 (0L, 10L))
            1, Gen.constant (OrderEvent.Ended(OrderStatus.Filled, ValueNone))
            1, Gen.map (fun n -> OrderEvent.Ended(OrderStatus.Filled, ValueSome(sz n))) (Gen.choose64 (0L, 10L))
            1, Gen.constant (OrderEvent.Ended(OrderStatus.Unknown "somethingNew", ValueNone))
        ]

let orderEvents: Arbitrary<OrderEvent list> = Arb.fromGen (Gen.listOf orderEvent)

let side: Gen<Side> = Gen.elements [ Side.Buy; Side.Sell ]

/// A fill of one of four orders; trade ids repeat on purpose.
let fill: Gen<Fill> =
    gen {
        let! n = Gen.choose64 (1L, 4L)
        let! trade = Gen.choose64 (1L, 40L)
        let! s = side
        let! price = Gen.choose64 (90L, 110L)
        let! size = Gen.choose64 (1L, 9L)
        let! fee = Gen.choose64 (-50_000_000L, 300_000_000L)
        let! instrument = Gen.choose (0, 1)

        return
            {
                Account = AccountId.Of 0
                Instrument = InstrumentId.Of instrument
                Cloid = { Run = 1L; N = n }
                TradeId = trade
                Side = s
                Px = px price
                Sz = sz size
                Fee = Usd.Of fee
                Cumulative = sz size
                IsMaker = true
            }
    }

let fills: Arbitrary<Fill list> = Arb.fromGen (Gen.listOf fill)

/// The venue's answers in one line each.
module Answers =
    let text (a: Answer) =
        match a with
        | Answer.Accepted oid -> $"accepted {oid}"
        | Answer.Refused s -> "refused: " + Words.status s
        | Answer.Ended(s, ValueSome filled) -> $"ended: {Words.status s} {filled}"
        | Answer.Ended(s, ValueNone) -> "ended: " + Words.status s
        | Answer.CancelRefused s -> "cancel refused: " + Words.status s
        | Answer.Unanswered -> "unanswered"
        | Answer.NotKnown -> "not known"
        | Answer.Triggered -> "triggered"
