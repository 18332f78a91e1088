/// Sums that would not fit: what the venue is given to begin with is bounded, and what it counts for ever stands at the end.
module Vrlg.Venue.Sums

open System
open Expecto
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private refused (config: VenueConfig) (words: string) =
    let isOpen, sentence =
        try
            Client.close (Client.openWith TimeProvider.System (VenueOptions(0, false, config)))
            true, ""
        with :? VenueException as e ->
            false, e.Message

    Expect.isFalse isOpen $"opened instead of: {words}"
    Expect.stringContains sentence words "the sentence"

let private wallet i = "0x9" + (string i).PadLeft(39, '0')

let private funds =
    testList
        "funds"
        [
            testCase "that do not fit are refused with a sentence" (fun () ->
                let much = 1_000_000_000L * one
                let given n = Array.create n (struct (alice, much))
                refused { config with Funds = given 11 } "at most 10,000,000,000 USDC"

                refused
                    { config with
                        SpotFunds = [| struct (alice, 3, much) |]
                    }
                    "at most 10,000,000,000 USDC")
            testCase "of more accounts than there are places are refused with a sentence" (fun () ->
                let given n =
                    { config with
                        Funds = [| for i in 1..n -> struct (wallet i, one) |]
                        SpotFunds = [||]
                    }

                refused (given 510) "510 accounts are to be funded; there are places for 509"
                let s = LocalVenue.create (given 509)
                Expect.equal s.Accounts.Count 512 "all that fit"

                let both =
                    { given 509 with
                        SpotFunds = [| struct (alice, 0, one) |]
                    }

                refused both "510 accounts")
        ]

let private counters =
    testCase "volumes stand at their end" (fun () ->
        let s = venue config
        let a = s.ByAddress[alice]
        let most = Int64.MaxValue
        a.TakerVolume <- most - 1L
        a.MakerVolume <- most - 1L
        a.PerpVolume <- most - 1L
        s.House.Volume[a.Index] <- most - 1L

        a.Days.Add
            {
                Day = s.Time / 86_400_000L
                Taken = most - 1L
                Made = 0L
                Weighted = most - 1L
            }

        a.Days.Insert(
            0,
            {
                Day = s.Time / 86_400_000L - 1L
                Taken = most
                Made = 0L
                Weighted = most
            }
        )

        a.Days.Insert(
            0,
            {
                Day = s.Time / 86_400_000L - 2L
                Taken = most
                Made = 0L
                Weighted = most
            }
        )

        let hour = s.Time / 3_600_000L
        s.Markets[0].Hours.Clear()
        s.Markets[0].Hours.Add(struct (hour - 1L, most, most))
        s.Markets[0].Hours.Add(struct (hour, most - 1L, most - 1L))
        Expect.equal (text (place s alice (ask 0 Side.Buy "84500" "0.1" "Ioc"))) "filled" "a trade"
        let day = a.Days[a.Days.Count - 1]

        for name, value in
            [
                "taken", a.TakerVolume
                "perpetuals", a.PerpVolume
                "of the exchange", s.House.Volume[a.Index]
                "of the day", day.Taken
                "weighted", day.Weighted
            ] do
            Expect.equal value most name

        let struct (b, q) = LocalVenue.dayVolume s Listing.markets[0]
        Expect.equal (b, q) (most, most) "of the market"
        let before = s.House.Rates[2 * a.Index]

        LocalVenue.step
            s
            {
                Time = s.Time + 86_400_000L
                Submissions = [||]
            }
        |> ignore

        Expect.notEqual s.House.Rates[2 * a.Index] before "who traded most does not pay the fees of who traded nothing")

let tests = testList "sums" [ funds; counters ]
