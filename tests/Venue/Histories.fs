/// What is reckoned over time: fees by volume, worth by the hour, fills of one order as one.
module Vrlg.Venue.Histories

open System.Text.Json
open Expecto
open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private day = 86_400_000L

let private at (s: VenueState) (time: int64) =
    LocalVenue.step s { Time = time; Submissions = [||] } |> ignore

/// What a fill's fee is of what it is worth, in millionths.
let private rate (f: VenueFill) =
    System.Math.Round(decimal f.Fee / decimal (Figures.worth f.Px f.Sz) * 1_000_000m)

let private last (s: VenueState) who =
    let fills = fillsOf s who
    fills[fills.Count - 1]

let tests =
    testList
        "histories"
        [
            testCase "fees follow the volume of 14 days, from the next day on, for the sub-accounts too" (fun () ->
                let s = venue config
                let sub = say s alice (Action.CreateSub "first")
                say s alice (Action.SubTransfer(sub, true, 10_000L * one)) |> ignore
                Expect.equal (text (place s alice (ask 0 Side.Buy "84500" "0.01" "Ioc"))) "filled" "today"
                Expect.equal (rate (last s alice)) 450m "the first tier"
                let today = s.Time / day
                s.ByAddress[alice].AddVolume(today, 6_000_000L * one, false, false)
                place s alice (ask 0 Side.Buy "84500" "0.01" "Ioc") |> ignore
                Expect.equal (rate (last s alice)) 450m "the same day still"
                at s ((today + 1L) * day + 100L)
                let px = string (int64 s.Markets[0].Fair / one + 300L)
                place s alice (ask 0 Side.Buy px "0.01" "Ioc") |> ignore
                Expect.equal (rate (last s alice)) 400m "the second tier"
                let buy = order [ ask 0 Side.Buy px "0.01" "Ioc" ]

                step
                    s
                    [
                        { by alice buy with
                            Vault = sub
                            Nonce = s.Time
                        }
                    ]
                |> ignore

                Expect.equal (rate (last s sub)) 400m "the sub-account's"
                place s bob (ask 0 Side.Buy px "0.01" "Ioc") |> ignore
                Expect.equal (rate (last s bob)) 450m "nobody else's"
                at s ((today + 16L) * day)
                let index = s.ByAddress[alice].Index
                Expect.equal (Figures.rates s index false).Taker.Raw 4_500_000L "two weeks later it is forgotten")
            testCase "spot counts twice" (fun () ->
                let a = VenueAccount(9, alice, 0L)
                a.AddVolume(1L, 100L, true, true)
                a.AddVolume(1L, 10L, false, false)

                Expect.equal
                    (a.Days.Count, a.Days[0].Weighted, a.Days[0].Made, a.Days[0].Taken)
                    (1, 210L, 100L, 10L)
                    "a day"

                for d in 2L .. 40L do
                    a.AddVolume(d, 1L, false, false)

                Expect.equal a.Days.Count 15 "the latest")
            testCase "worth is noted every hour; what comes from outside is no gain" (fun () ->
                let s = venue config

                let gain () =
                    let p = Figures.worthPoint s s.ByAddress[alice]
                    struct (p.Perp - p.PerpFlow, p.All - p.Flow)

                Expect.equal (gain ()) (struct (0L, 0L)) "at first"
                say s alice (Action.ClassTransfer(1_000L * one, true)) |> ignore
                say s alice (Action.UsdSend(bob, 500L * one)) |> ignore
                say s alice (Action.Withdraw(50L * one)) |> ignore
                Expect.equal (gain ()) (struct (0L, 0L)) "after transfers"
                place s alice (ask 0 Side.Buy "84500" "1" "Ioc") |> ignore
                let struct (perp, all) = gain ()
                Expect.isLessThan perp 0L "the fee and the spread"
                Expect.equal all perp "both"
                let hour = 3_600_000L

                for h in 1L .. 3L do
                    at s ((s.Time / hour + 1L) * hour + 5L)

                let worths = s.ByAddress[alice].Worths
                Expect.isGreaterThanOrEqual worths.Count 3 "an hour each"
                Expect.equal worths[worths.Count - 1].PerpVolume worths[worths.Count - 1].Volume "volume")
            testCase "fills of an order that took at one time are one" (fun () ->
                let s = venue config
                place s alice (ask 0 Side.Buy "84500" "8" "Ioc") |> ignore
                let fills = fillsOf s alice
                Expect.isGreaterThan fills.Count 1 "levels"
                let merged = VenueFills.merged fills
                Expect.equal merged.Count 1 "one"
                let f = merged[0]
                Expect.equal f.Sz (8L * one) "size"
                Expect.equal f.Fee (fills |> Seq.sumBy (fun f -> f.Fee)) "fee"
                Expect.equal (f.Hash, f.Tid, f.StartPosition) (fills[0].Hash, fills[0].Tid, 0L) "of the first"

                let mean =
                    (fills |> Seq.sumBy (fun f -> decimal f.Px * decimal f.Sz)) / decimal f.Sz

                Expect.isLessThan (abs (decimal f.Px - mean)) 1m "the mean price"
                place s alice (ask 0 Side.Sell "83000" "1" "Ioc") |> ignore
                Expect.equal (VenueFills.merged (fillsOf s alice)).Count 2 "not with another order's")
            testSequenced
            <| testCase "over HTTP and the socket" (fun () ->
                let host = Client.openVenue ()

                try
                    let me = Client.addressOf 1uy

                    let buy =
                        """{"type":"order","orders":[{"a":0,"b":true,"p":"84500","s":"6","r":false,"t":{"limit":{"tif":"Ioc"}}}],"grouping":"na"}"""

                    Client.exchange host 1uy buy |> ignore

                    let rows (more: string) =
                        (Client.info host $"{{\"type\":\"userFills\",\"user\":\"{me}\"{more}}}").GetArrayLength()

                    Expect.isGreaterThan (rows "") 1 "as they were"
                    Expect.equal (rows ",\"aggregateByTime\":true") 1 "as one"
                    use socket = new Client.Socket(host)

                    socket.Send(
                        """{"method":"subscribe","subscription":{"type":"userFills","user":"ME","aggregateByTime":true}}"""
                            .Replace("ME", me)
                    )

                    let frame = socket.Until(fun f -> f.Contains "isSnapshot")

                    let fills =
                        JsonDocument.Parse(frame).RootElement.GetProperty("data").GetProperty "fills"

                    Expect.equal (fills.GetArrayLength()) 1 "in the stream"
                    let fees = Client.info host $"{{\"type\":\"userFees\",\"user\":\"{me}\"}}"
                    let text (name: string) = (fees.GetProperty name).GetString()
                    Expect.equal (text "userCrossRate", text "userSpotAddRate") ("0.00045", "0.0004") "rates"
                    let tiers = fees.GetProperty("feeSchedule").GetProperty("tiers").GetProperty "vip"
                    Expect.equal (tiers.GetArrayLength()) 6 "tiers"
                    Expect.equal ((fees.GetProperty "dailyUserVlm").GetArrayLength()) 1 "today"
                    let spans = Client.info host $"{{\"type\":\"portfolio\",\"user\":\"{me}\"}}"
                    let names = [ for span in spans.EnumerateArray() -> string span[0] ]

                    Expect.equal
                        names
                        [
                            "day"
                            "week"
                            "month"
                            "allTime"
                            "perpDay"
                            "perpWeek"
                            "perpMonth"
                            "perpAllTime"
                        ]
                        "spans"

                    let gains = spans[4].[1].GetProperty "pnlHistory"
                    let last = gains[gains.GetArrayLength() - 1]
                    Expect.isLessThan (decimal (string last[1])) 0m "a loss so far"
                finally
                    Client.close host)
        ]
