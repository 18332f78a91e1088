namespace Vrlg.Sim.LocalVenue

open System.Text
open Vrlg.Sim

/// What the local venue's traders do beside trading quietly.
type Scenario =
    | Calm = 0
    /// The book thins and widens whenever the proposers' schedule begins again.
    | Rotation = 1
    /// Prices drift up for hours, then down for as long.
    | Trend = 2
    /// The chain stands still for six seconds every few minutes.
    | Stall = 3

/// Blocks of the local venue: how far apart they are, who proposes them, what their transactions are called.
[<RequireQualifiedAccess>]
module Chain =
    /// Gaps between blocks in milliseconds, a twentieth of all blocks each: median 67, the middle half 64 to 74, mean 72, the
    /// 99th percentile 136. Source: hyperliquid-protocol.md 9.2.
    let private gaps: int64[] =
        [|
            57L
            60L
            62L
            63L
            64L
            65L
            65L
            66L
            66L
            67L
            67L
            68L
            69L
            71L
            74L
            77L
            82L
            92L
            110L
            136L
        |]

    /// The least, the median, the largest and the mean of them.
    let leastGap = gaps[0]
    let medianGap = gaps[gaps.Length / 2]
    let largestGap = gaps[gaps.Length - 1]
    let meanGap = float (Array.sum gaps) / float gaps.Length

    /// The height before the first block.
    let genesis = 1_000_000_000L

    /// Blocks between two stalls of that scenario, and how much longer than usual its block lets wait.
    let stallEvery = 4_000L
    let stallMs = 6_000L

    /// Milliseconds from block `height` to the next.
    let gap (seed: int64) (scenario: Scenario) (height: int64) : int64 =
        let n = height - genesis
        let usual = gaps[int (Seed.between (Seed.key seed "blocks") n 0L 19L)]

        if scenario = Scenario.Stall && n > 0L && n % stallEvery = 0L then
            usual + stallMs
        else
            usual

    let private stakes = [| 5; 5; 4; 4; 1; 1 |]

    /// Slots of the schedule, 20: each proposer as often as its stake, spread as evenly as that allows.
    let schedule: int[] =
        let total = Array.sum stakes
        let credit = Array.zeroCreate<int> stakes.Length

        Array.init total (fun _ ->
            for i in 0 .. stakes.Length - 1 do
                credit[i] <- credit[i] + stakes[i]

            let next =
                credit |> Array.indexed |> Array.maxBy (fun (i, c) -> struct (c, -i)) |> fst

            credit[next] <- credit[next] - total
            next)

    let private hex (digits: int) (n: uint64) = n.ToString("x" + string digits)

    /// The address of a proposer.
    let proposer (i: int) : string =
        let key = Seed.key 0L "proposers"
        let part k = Seed.draw key (int64 (3 * i + k))
        "0x" + hex 16 (part 0) + hex 16 (part 1) + (hex 16 (part 2)).Substring 8

    let proposers: string[] = Array.init stakes.Length proposer
    let stake (i: int) = stakes[i]

    /// Which slot of the schedule a turn has: a turn is a height and the slots that were passed over before it.
    let slot (turn: int64) : int = int (turn % int64 schedule.Length)

    /// The slots around the schedule's beginning, in their order.
    let slotsNearTurn: int[] = Array.append [| schedule.Length - 1 |] [| 0; 1; 2 |]

    /// Whether a turn's slot is around the schedule's beginning.
    let isNearTurn (turn: int64) : bool =
        Array.contains (slot turn) slotsNearTurn

    let private counted (text: StringBuilder) (n: int64) =
        let mutable bytes = 0

        while bytes < 8 && (n >>> (8 * bytes)) <> 0L do
            bytes <- bytes + 1

        text.Append(hex 2 (uint64 bytes)) |> ignore

        if bytes > 0 then
            text.Append(hex (2 * bytes) (uint64 n)) |> ignore

    /// The hash of a transaction: ten bytes, then height, place in the block and place in its batch, each behind its length.
    /// Source: hyperliquid-protocol.md 9.3.
    let hash (seed: int64) (height: int64) (tx: int) (sub: int) : string =
        let key = Seed.key seed "hashes"
        let at = (height * 4_096L + int64 tx) * 1_024L + int64 sub
        let text = StringBuilder "0x"

        text.Append(hex 16 (Seed.draw key (8L * at))).Append((hex 16 (Seed.draw key (8L * at + 1L))).Substring 12)
        |> ignore

        counted text height
        counted text (int64 tx)
        counted text (int64 sub)

        for k in 2L .. 5L do
            text.Append(hex 16 (Seed.draw key (8L * at + k))) |> ignore

        text.ToString(0, 66)

    /// A block's own hash.
    let blockHash (seed: int64) (height: int64) : string =
        let key = Seed.key seed "blockHashes"

        "0x"
        + String.concat "" [ for k in 0L .. 3L -> hex 16 (Seed.draw key (4L * height + k)) ]

    let noHash = "0x" + System.String('0', 64)
