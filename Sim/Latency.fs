namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// The legs of simulation.md 4: ingest (exchange to us), the way in of a command and the way back of its answer.
[<NoComparison>]
type LatencyConfig =
    {
        /// Take the receipt from the tape where it states one; else draw it.
        UseRecorded: bool
        Ingest: Delay
        Place: OrderDelay
        Cancel: OrderDelay
        Modify: OrderDelay
        /// Commands reach the exchange in the order of their sending; false models parallel requests. Reports and the feed
        /// are always in order.
        OrderChannelFifo: bool
        Compute: ComputeModel
        /// Commands take effect and reports are produced only at multiples of this; 0 is exact (simulation.md 3).
        QueueStep: Duration
    }

    /// One round trip for every kind of command, entry = floor(share * round trip); channels in order, no compute time.
    static member Of(useRecorded: bool, ingest: Delay, roundTrip: Delay, share: float) : LatencyConfig =
        let orders = OrderDelay.Split(roundTrip, share)

        {
            UseRecorded = useRecorded
            Ingest = ingest
            Place = orders
            Cancel = orders
            Modify = orders
            OrderChannelFifo = true
            Compute = ComputeModel.Zero
            QueueStep = Duration.Of 0L
        }

/// What a command does: each kind may have delays of its own; all share one numbering.
type CommandKind =
    | Place = 0uy
    | Cancel = 1uy
    | Modify = 2uy

/// Delays as they came to be, order in the channels and rounding included; means in nanoseconds, 0 of nothing.
[<NoComparison>]
type LatencyMeans =
    {
        Messages: int64
        Ingest: float
        /// Records whose receipt lay before their venue time: nothing is seen before it happens, so they were seen at that time.
        Clamped: int64
        Commands: int64
        Entry: float
        /// Requests that the exchange never saw.
        Lost: int64
        Reports: int64
        Response: float
    }

[<Struct; NoComparison; NoEquality>]
type private Sum =
    {
        mutable Count: int64
        mutable Total: float
    }

    member s.Add(value: int64) =
        s.Count <- s.Count + 1L
        s.Total <- s.Total + float value

    member s.Mean = if s.Count = 0L then 0.0 else s.Total / float s.Count

/// The draws of one run, a numbering a leg: one draw a message and instrument, a command, an unsolicited report. Channels are
/// first in, first out; the feed is one channel while receipts are drawn, and several while they are recorded.
[<Sealed>]
type LatencyDraws(config: LatencyConfig, seed: int64, instruments: ImmutableArray<Instrument>) =
    let count = max 1 instruments.Length
    let channels = 4
    // Behind the instruments stands the venue itself, whose blocks are no instrument's.
    let streams = count + 1

    let ingestKeys =
        Array.init streams (fun k ->
            let name =
                if k < instruments.Length then "/" + instruments[k].Name
                elif k = count then ".blocks"
                else ""

            Seed.key seed ("ingest" + name))

    let entryKey = Seed.key seed "order.entry"
    let responseKey = Seed.key seed "order.response"
    let messages: int64[] = Array.zeroCreate streams
    let messageAt: int64[] = Array.create streams Int64.MinValue
    let draws: int64[] = Array.zeroCreate streams
    let step = config.QueueStep.Ns
    let isIngestLoaded = Delay.isLoaded config.Ingest

    let isOrderLoaded =
        OrderDelay.isLoaded config.Place
        || OrderDelay.isLoaded config.Cancel
        || OrderDelay.isLoaded config.Modify

    let seen = RateMeter()
    let happened = RateMeter()
    let mutable commands = 0L
    let mutable reports = 0L
    let mutable decisions = 0L
    let mutable lost = 0L
    let mutable clamped = 0L
    let lastReceived: int64[] = Array.create (channels * streams) Int64.MinValue
    let mutable lastCommand = Int64.MinValue
    let mutable lastReport = Int64.MinValue
    let mutable ingest: Sum = { Count = 0L; Total = 0.0 }
    let mutable entry: Sum = { Count = 0L; Total = 0.0 }
    let mutable response: Sum = { Count = 0L; Total = 0.0 }

    let roundUp (at: int64) =
        if step <= 0L then
            at
        else
            let rest = ((at % step) + step) % step
            if rest = 0L then at else at + step - rest

    /// Receipts are taken from the tape where it states them.
    member _.UsesRecorded = config.UseRecorded

    /// Receipt of the next record of instrument `k` on one of its channels (0 to 3; drawn receipts share one); below 0 it is the
    /// venue's own, on a channel by itself. Records of one
    /// venue instant are one message and share its draw.
    member _.ReceiveOn(k: int, channel: int, venueAt: int64, recorded: int64) : int64 =
        let k =
            if uint k < uint count then k
            elif k < 0 then count
            else 0

        let isFresh = venueAt <> messageAt[k]

        if isIngestLoaded then
            seen.Happened venueAt

        if isFresh then
            messageAt[k] <- venueAt

            if not (config.UseRecorded && recorded > 0L) then
                let rate = if isIngestLoaded then seen.Rate venueAt else 0L
                draws[k] <- Delay.draw ingestKeys[k] messages[k] rate config.Ingest

            messages[k] <- messages[k] + 1L

        let raw =
            if config.UseRecorded && recorded > 0L then
                recorded
            else
                venueAt + draws[k]

        if raw < venueAt then
            clamped <- clamped + 1L

        let place =
            if config.UseRecorded then
                channels * k + (channel &&& 3)
            else
                0

        let at = max lastReceived[place] (max raw venueAt)
        lastReceived[place] <- at

        if isFresh then
            ingest.Add(at - venueAt)

        at

    /// The same on a single channel.
    member d.Receive(k: int, venueAt: int64, recorded: int64) : int64 = d.ReceiveOn(k, 0, venueAt, recorded)

    /// Whether commands reach the exchange in the order of their sending.
    member _.IsFifo = config.OrderChannelFifo

    /// Whether records must be told to `Happened`: only a load-dependent order leg asks.
    member _.CountsRecords = isOrderLoaded

    /// A record happened at the exchange.
    member _.Happened(at: int64) = happened.Happened at

    /// Compute time of the next decision that sends commands, nanoseconds.
    member _.Compute() : int64 =
        let time = ComputeModel.at decisions config.Compute
        decisions <- decisions + 1L
        time

    /// What the next command meets. A lost one is answered after its round trip, and the exchange never sees it.
    member _.Command(kind: CommandKind, sent: int64) : Trip =
        let delay =
            match kind with
            | CommandKind.Cancel -> config.Cancel
            | CommandKind.Modify -> config.Modify
            | _ -> config.Place

        let rate = if isOrderLoaded then happened.Rate sent else 0L
        let trip = OrderDelay.draw entryKey commands sent rate delay
        commands <- commands + 1L

        if trip.IsLost then
            lost <- lost + 1L

        trip

    /// When a command sent at `sent` takes effect: in the order of sending, then rounded up to the step.
    member _.Arrival(sent: int64, trip: Trip) : int64 =
        let raw = sent + trip.Entry
        let inOrder = if config.OrderChannelFifo then max lastCommand raw else raw
        let at = roundUp inOrder
        lastCommand <- max lastCommand at
        entry.Add(at - sent)
        at

    /// When a report of something that happened at `at` is produced.
    member _.Produced(at: int64) : int64 = roundUp at

    /// The way back of the next report that answers no command.
    member _.Report(at: int64) : int64 =
        let rate = if isOrderLoaded then happened.Rate at else 0L
        let delay = OrderDelay.report responseKey reports at rate config.Place
        reports <- reports + 1L
        delay

    /// When a report produced at `produced` reaches us, in the order of the channel.
    member _.Return(produced: int64, delay: int64) : int64 =
        let at = max lastReport (produced + delay)
        lastReport <- at
        response.Add(at - produced)
        at

    member _.Means: LatencyMeans =
        {
            Messages = ingest.Count
            Ingest = ingest.Mean
            Clamped = clamped
            Commands = entry.Count + lost
            Entry = entry.Mean
            Lost = lost
            Reports = response.Count
            Response = response.Mean
        }

[<RequireQualifiedAccess>]
module Latency =
    /// The configuration in one line: what differs from the usual is named.
    let text (c: LatencyConfig) : string =
        let isSame (d: OrderDelay) =
            obj.ReferenceEquals(d, c.Place) || OrderDelay.text d = OrderDelay.text c.Place

        String.Join(
            "; ",
            [
                if c.UseRecorded then
                    $"ingest recorded, else {Delay.text c.Ingest}"
                else
                    $"ingest {Delay.text c.Ingest}"
                $"round trip {OrderDelay.text c.Place}"
                if not (isSame c.Cancel) then
                    $"of cancels {OrderDelay.text c.Cancel}"
                if not (isSame c.Modify) then
                    $"of modifies {OrderDelay.text c.Modify}"
                if not c.OrderChannelFifo then
                    "commands in parallel"
                match c.Compute with
                | ComputeModel.Zero -> ()
                | m -> ComputeModel.text m
                if c.QueueStep.Ns > 0L then
                    $"QueueStep {Delay.text (Delay.Constant c.QueueStep)}"
            ]
        )
