/// One iceberg wish through whatever may happen: its total, its display, its time, its end.
module Vrlg.Properties.Icebergs

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0

let private slot: Slot =
    {
        Instrument = id
        Side = Side.Buy
        Name = 0
    }

/// What is wanted: in all, shown at once, pulled at the so manieth heartbeat, over after so many milliseconds; 0 never.
type Plan =
    {
        Total: int64
        Display: int64
        PullAt: int
        LastsMs: int64
    }

[<Sealed; AllowNullLiteral>]
type private Beats(n: int) =
    member _.N = n

/// Says one iceberg at its first heartbeat, pulls it where the plan says so, and nothing else.
let private once (p: Plan) : Desk[] =
    let decide =
        Decide<Beats>(fun beats view event ->
            if event.Kind <> EventKind.Ticked then
                struct (beats, ImmutableArray.Empty)
            else
                let n = beats.N + 1
                let now = view.Now

                let terms =
                    {
                        Expires =
                            (if p.LastsMs = 0L then
                                 Instant.Of 0L
                             else
                                 now + Duration.OfMs p.LastsMs)
                        Display = sz p.Display
                    }

                let said =
                    if n = 1 then
                        ImmutableArray.Create<Intent>(Quote(slot, px 99L, sz p.Total, terms))
                    elif n = p.PullAt then
                        ImmutableArray.Create<Intent>(Pull slot)
                    else
                        ImmutableArray.Empty

                struct (Beats n, said))

    [|
        {
            Name = "once"
            Instruments = ImmutableArray.Create<InstrumentId> id
            Strategy = Strategy.Make("once", Beats 0, decide)
            Plan = Hostile.plan
        }
    |]

let private plans =
    gen {
        let! total = Gen.choose64 (1L, 15L)
        let! display = Gen.choose64 (1L, 6L)
        let! pullAt = Gen.frequency [ 2, Gen.constant 0; 1, Gen.choose (2, 20) ]
        let! lasts = Gen.frequency [ 2, Gen.constant 0L; 1, Gen.choose64 (40L, 4_000L) ]

        return
            {
                Total = total
                Display = display
                PullAt = pullAt
                LastsMs = lasts
            }
    }

/// Mostly beats, answers and fills, so that slices follow each other.
let private happenings =
    Gen.frequency
        [
            3, Gen.constant Hostile.Beat
            4, Gen.map (fun p -> Hostile.Told(p, 0)) (Gen.choose (0, 3))
            6, Gen.map2 (fun p n -> Hostile.Got(p, n)) (Gen.choose (0, 3)) (Gen.choose64 (1L, 6L))
            2, Hostile.happening
        ]
    |> Gen.listOf
    |> Gen.resize 120

let private drawn = Arb.fromGen (Gen.zip plans happenings)

/// What was sent and what filled, in order.
type private Seen() =
    member val Sizes = ResizeArray<int64>()
    member val Filled = 0L with get, set
    member val SentAt = ResizeArray<int64>()
    /// The first heartbeat, and that of the pull; nothing before.
    member val SpokenAt = 0L with get, set
    member val PulledAt = System.Int64.MaxValue with get, set
    /// An order of ours ended without having filled whole.
    member val IsBroken = false with get, set
    member val SentAfterEnd = false with get, set
    member val Beats = 0 with get, set
    member val MostLive = 0 with get, set

let private follow (p: Plan) (all: Hostile.Happening list) : Seen =
    let seen = Seen()

    Hostile.drive (Hostile.beginWith Hostile.config (once p) true) all (fun input output s ->
        let now = input.At

        if input.Event.Kind = EventKind.Ticked then
            seen.Beats <- seen.Beats + 1

            if seen.Beats = 1 then
                seen.SpokenAt <- now.Ns

            if seen.Beats = p.PullAt then
                seen.PulledAt <- now.Ns

        if not output.Commands.IsDefaultOrEmpty then
            for c in output.Commands do
                match c with
                | Place a ->
                    seen.Sizes.Add(let q = a.Order.Sz in q.Raw / lot)
                    seen.SentAt.Add now.Ns
                    seen.SentAfterEnd <- seen.SentAfterEnd || seen.IsBroken
                | _ -> ()

        if not output.Notes.IsDefaultOrEmpty then
            for n in output.Notes do
                match n with
                | OrderClosed(_, _, how, _, _) -> seen.IsBroken <- seen.IsBroken || not how.IsFilled
                | _ -> ()

        let live = s.Facts.Orders.LiveOrders.ToArray()
        seen.MostLive <- max seen.MostLive (live |> Array.filter (fun o -> o.Slot.Name = 0) |> Array.length)

        // It only buys: what is held is what filled.
        seen.Filled <- (let held = s.Facts.Ledger.Position(AccountId.Of 0, id) in held.Size.Raw))
    |> ignore<State>

    seen

let tests =
    testList
        "an iceberg"
        [
            lawN
                500
                "fills no more than its total, and shows no more than its display in one order at a time"
                (fun () ->
                    Prop.forAll drawn (fun (p, all) ->
                        let seen = follow p all

                        seen.Filled <= p.Total * lot
                        && seen.MostLive <= 1
                        && seen.Sizes |> Seq.forall (fun q -> q <= min p.Display p.Total)))
            lawN 500 "sends nothing after its pull, past its time, or after a slice that did not fill whole" (fun () ->
                Prop.forAll drawn (fun (p, all) ->
                    let seen = follow p all

                    let over =
                        if p.LastsMs = 0L then
                            System.Int64.MaxValue
                        else
                            seen.SpokenAt + p.LastsMs * 1_000_000L

                    not seen.SentAfterEnd
                    && seen.SentAt |> Seq.forall (fun at -> at < over && at <= seen.PulledAt)))
            testCase "does go on to its last slice in some of these" (fun () ->
                let complete =
                    Gen.sampleWithSeed (FsCheck.Rnd 7UL) 50 300 (Gen.zip plans happenings)
                    |> Array.filter (fun (p, all) ->
                        p.Total > 2L * p.Display
                        && (let seen = follow p all in seen.Filled = p.Total * lot))

                Expect.isGreaterThan complete.Length 5 "filled whole in three slices or more")
            law "cuts any total into slices that the venue takes and that add up" (fun () ->
                let draws =
                    gen {
                        let! total = Gen.choose64 (1L, 60L)
                        let! display = Gen.choose64 (0L, 60L)
                        let! least = Gen.choose64 (0L, 2_000L)
                        return total, display, least
                    }

                Prop.forAll (Arb.fromGen draws) (fun (total, display, least) ->
                    let rules =
                        { instrument 0 with
                            MinNotional = Usd.Of(least * lot)
                        }

                    let rec go left =
                        if left = 0L then
                            []
                        else
                            let next = Icebergs.slice rules (px 100L) (sz display) (Sz.Of left)
                            next.Raw :: go (left - next.Raw)

                    let all = go (total * lot)
                    let floor = (Icebergs.least rules (px 100L)).Raw

                    List.sum all = total * lot
                    && all |> List.forall (fun q -> q > 0L && q % lot = 0L)
                    && (total * lot < floor || all |> List.forall (fun q -> q >= floor))
                    && (display = 0L
                        || all |> List.forall (fun q -> q < max (display * lot) floor + floor))))
        ]
