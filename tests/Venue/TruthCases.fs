/// The file of `--truth` against what the venue streams.
module Vrlg.Venue.TruthCases

open System
open System.IO
open System.Text.Json
open Expecto
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Client

let private withTruth (scenario: Scenario) (test: VenueHost -> JsonElement -> unit) =
    let path = Path.Combine(Path.GetTempPath(), $"truth-{Guid.NewGuid()}.json")

    let options =
        VenueOptions(0, false, { config () with Scenario = scenario }, null, null, path)

    try
        let host = openWith TimeProvider.System options

        try
            test host (JsonDocument.Parse(File.ReadAllText path).RootElement)
        finally
            close host
    finally
        File.Delete path

let private whole (e: JsonElement) (name: string) = e.GetProperty(name).GetInt64()

let tests =
    testSequenced
    <| testList
        "truth"
        [
            testCase "blocks and quotes of the stream keep to the schedule that the file states" (fun () ->
                withTruth Scenario.Rotation (fun host truth ->
                    let period, phase = whole truth "period_blocks", whole truth "phase_height"
                    let effect = truth.GetProperty "rotation"

                    let slots =
                        [ for s in (effect.GetProperty "slots").EnumerateArray() -> s.GetInt64() ]

                    let schedule =
                        [
                            for s in (truth.GetProperty "schedule").EnumerateArray() -> string (s.GetString())
                        ]

                    use socket = new Socket(host)
                    socket.Send """{"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}}"""
                    socket.Send """{"method":"subscribe","subscription":{"type":"explorerBlock"}}"""
                    let near, far = ResizeArray<decimal>(), ResizeArray<decimal>()
                    let mutable blocks = 0
                    let mutable quote: struct (int64 * decimal) = struct (0L, 0m)
                    let mutable slot = -1L
                    let mutable at = 0L

                    // Of a block both frames have its time; either may come first.
                    let meet () =
                        let struct (time, spread) = quote

                        if time = at && slot >= 0L then
                            (if List.contains slot slots then near else far).Add spread
                            quote <- struct (0L, 0m)

                    while blocks < 70 do
                        let frame = JsonDocument.Parse(socket.Next()).RootElement

                        if frame.ValueKind = JsonValueKind.Array then
                            for row in frame.EnumerateArray() do
                                let height = whole row "height"
                                blocks <- blocks + 1
                                slot <- (height - phase) % period
                                at <- whole row "blockTime"

                                Expect.equal
                                    (string (row.GetProperty("proposer").GetString()))
                                    schedule[int slot]
                                    "the proposer"

                                meet ()
                        elif frame.GetProperty("channel").GetString() = "bbo" then
                            let data = frame.GetProperty "data"

                            let px (i: int) =
                                let level = (data.GetProperty "bbo")[i]
                                decimal (string (level.GetProperty("px").GetString()))

                            quote <- struct (whole data "time", px 1 - px 0)
                            meet ()

                    let ticks = whole effect "ticks_wider_each_side"
                    Expect.isGreaterThan near.Count 5 "quotes around the turn"
                    Expect.isGreaterThan far.Count 5 "quotes elsewhere"
                    // A tick of BTC is a dollar here.
                    Expect.isGreaterThan (Seq.average near) (Seq.average far + decimal ticks) "wider there"))
            testCase "each scenario states what it is" (fun () ->
                for scenario in [ Scenario.Calm; Scenario.Trend; Scenario.Stall ] do
                    withTruth scenario (fun host truth ->
                        let name = (string scenario).ToLowerInvariant()
                        Expect.equal (truth.GetProperty("scenario").GetString()) name "its name"
                        let genesis = host.Look(fun s -> s.Config.Genesis)
                        Expect.equal (whole truth "genesis_ms") genesis "when it began"

                        Expect.equal
                            (whole truth "first_height")
                            (host.Look(fun s -> s.Blocks[0].Height))
                            "its first block"

                        match scenario with
                        | Scenario.Calm ->
                            for member' in
                                [ "period_blocks"; "period_ms"; "phase_height"; "onset_height"; "onset_ms" ] do
                                Expect.equal (truth.GetProperty member').ValueKind JsonValueKind.Null member'
                        | Scenario.Trend ->
                            let effect = truth.GetProperty "trend"
                            Expect.equal (effect.GetProperty("drift_per_block").GetDouble()) Prices.drift "drift"

                            Expect.equal
                                (whole effect "blocks_up" + whole effect "blocks_down")
                                (whole truth "period_blocks")
                                "period"
                        | _ ->
                            let effect = truth.GetProperty "stall"
                            Expect.equal (whole effect "every_blocks") (whole truth "period_blocks") "period"
                            Expect.equal (whole effect "length_ms") Chain.stallMs "length"))
        ]
