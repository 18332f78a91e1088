/// What stories share: instruments, settings, an exchange without fees.
module Vrlg.Stories.Given

open System.Collections.Immutable
open Vrlg.Core
open Vrlg.Sim

let one = 100_000_000L
let id = InstrumentId.Of 0

let instrument: Instrument =
    {
        Id = id
        Venue = VenueId.Of 0
        Name = "TEST"
        Kind = InstrumentKind.Perp
        SzDecimals = 0
        MaxLeverage = 1
        MinNotional = Usd.Of 0L
    }

/// A perpetual with the sizes of BTC and no least value.
let btc =
    { instrument with
        Name = "BTC"
        SzDecimals = 5
    }

/// The default settings on the document's detector, which most stories tell of, with some on top.
let setup (instrument: Instrument) (sets: (string * string) list) : RunSetup =
    // The last of two alike wins.
    let all = ("signal.detector", "document") :: sets

    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in all -> struct (k, v) ]) with
    | Ok values ->
        {
            Values = values
            Instrument = instrument
        }
    | Error problems -> failwithf "%s" problems[0].Sentence

let exchangeConfig (queue: QueueModel) : ExchangeConfig =
    {
        Instruments = ImmutableArray.Create<Instrument> instrument
        Accounts = 1
        Fees =
            {
                Maker = Rate.Of 0L
                Taker = Rate.Of 0L
            }
        Queue = queue
        CheckRules = false
        Rules = MatchRules.Default
    }
