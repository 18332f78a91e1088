/// The digest of a state: every field that a later step may read must be in it, or two different states pass for one.
module Vrlg.Properties.Digest

open System
open System.Collections.Generic
open System.Reflection
open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0

/// What a run is fixed to, what is opaque, and what holds no fact: not looked into.
let private closedTypes =
    [
        typeof<Desk>
        typeof<Instrument>
        typeof<IStrategy>
        typeof<Owner>
        typeof<Outbox>
        typeof<Instrument[]>
    ]

/// Fields that follow from others, or that no step of the engine reads.
let private derived =
    set
        [
            // The prices of the levels, negated for asks; how a price finds its level; what the best level's is.
            "Ladder.Keys"
            "Ladder.Places"
            "Ladder.Table"
            "Ladder.Shift"
            "Ladder.Spare"
            "Ladder.BestPlace"
            "Ladder.BestPx"
            // Numbers for the exchange's notes about a level.
            "Ladder.Records"
            "Ladder.Items.Rev"
            // The running digest stands for every trade remembered.
            "TradeMemory.Ids"
            "TradeMemory.Trades"
            "TradeMemory.First"
            "TradeMemory.Latest"
            "TradeMemory.Count"
            // Which instruments a desk hears: fixed with the desk.
            "DeskState.Hears"
            "Looks.accounts"
            "Looks.instruments"
            // Sizes of the run's tables and the side of a ladder: fixed.
            "Ledger.instruments"
            "Health.accounts"
            "NetDelta.instruments"
            "Facts.accounts"
            "Ladder.side"
            "Stall.config"
        ]

let private fieldsOf (t: Type) =
    t.GetFields(BindingFlags.Instance ||| BindingFlags.Public ||| BindingFlags.NonPublic)

/// The field's name as it is written, without what the compiler adds.
let private plain (f: FieldInfo) =
    f.Name.Replace("<", "").Replace(">k__BackingField", "").TrimEnd('@').TrimStart('_')

let private isLeaf (t: Type) =
    t.IsPrimitive || t.IsEnum || t = typeof<string>

/// Another value of the same kind.
let private other (value: obj) : obj | null =
    match value with
    | :? int64 as x -> box (x - 1L)
    | :? int as x -> box (x - 1)
    | :? uint64 as x -> box (x ^^^ 1UL)
    | :? bool as x -> box (not x)
    | :? byte as x -> box (x ^^^ 1uy)
    | :? float as x -> box (x + 1.0)
    | :? string as x -> box (x + "x")
    | :? Enum as x -> Enum.ToObject(x.GetType(), Convert.ToByte x ^^^ 1uy)
    | x -> failtest $"a field of {x.GetType()} is not changed by this test"

/// A boxed copy of a boxed struct.
let private copyOf (value: obj) : obj =
    match typeof<obj>.GetMethod("MemberwiseClone", BindingFlags.Instance ||| BindingFlags.NonPublic) with
    | null -> failtest "no copy can be made"
    | clone ->
        match clone.Invoke(value, null) with
        | null -> failtest "no copy was made"
        | copy -> copy

/// How many elements of an array in use: the rest is room.
let private used (owner: obj) (items: Array) =
    match owner with
    | :? Ladder as l -> l.Count
    | :? Wanted as w -> w.Count
    | _ -> items.Length

/// Changes every number, flag and word within reach, one at a time, and asks `seen` whether the digest sees it. Puts all back.
/// Answers with the names of all fields changed, and of those not seen.
let private walk (root: State) (seen: unit -> bool) : Set<string> * Set<string> =
    let visited = HashSet<obj>(ReferenceEqualityComparer.Instance)
    let mutable changed = Set.empty
    let mutable blind = Set.empty

    let isClosed (t: Type) =
        closedTypes |> List.exists (fun c -> c.IsAssignableFrom t)

    // `put` stores a changed copy of the value in the place that it came from.
    let rec look (name: string) (owner: obj) (value: obj | null) (put: (obj | null) -> unit) =
        match value with
        | null -> ()
        | value ->
            let t = value.GetType()

            if isLeaf t then
                put (other value)
                changed <- changed.Add name

                if not (seen ()) then
                    blind <- blind.Add name

                put value
            elif not (isClosed t) then
                match value with
                | :? Array as items ->
                    if visited.Add value then
                        for i in 0 .. used owner items - 1 do
                            look name owner (items.GetValue i) (fun x -> items.SetValue(x, i))
                | _ when t.IsValueType ->
                    for f in fieldsOf t do
                        let copy = f.GetValue value

                        into name f value copy (fun x ->
                            let whole = copyOf value
                            f.SetValue(whole, x)
                            put whole)
                | _ ->
                    if visited.Add value then
                        for f in fieldsOf t do
                            into (t.Name.Split('`').[0]) f value (f.GetValue value) (fun x -> f.SetValue(value, x))

    and into (parent: string) (f: FieldInfo) (owner: obj) (value: obj | null) put =
        let name = $"{parent}.{plain f}"

        // The case of a union is compared by other tests; changing it here would make values that cannot be.
        if f.Name <> "_tag" && not (derived.Contains name) then
            look name owner value put

    look "State" root (box root) ignore
    changed, blind

/// States with something of everything in them: both channels, orders live and closed, a position, refusals; and one halted.
let private rich () : State list =
    let drawn = Gen.sampleWithSeed (Rnd 3UL) 50 150 Hostile.happening |> Array.toList
    let mutable s = Hostile.drive (Hostile.begin' false) drawn (fun _ _ _ -> ())
    let mutable seq = 100_000L

    let hear (ms: int64) (e: Event) =
        let input = Stamped(seq, at ms, e)
        let struct (next, _) = Engine.step Hostile.config s &input
        s <- next
        seq <- seq + 1L

    let level p : PxSz voption = ValueSome { Px = px p; Sz = sz 5L }
    hear 50_000L (Event.BboMoved(id, level 99L, level 101L, at 50_000L))
    hear 50_000L (Event.ContextMoved(id, px 100L, px 100L, 1L, sz 1L, at 50_000L))
    hear 50_000L (Event.Ticked(at 50_000L))

    for o in s.Facts.Orders.LiveOrders.ToArray() do
        let reply: Reply =
            {
                Account = o.New.Account
                Instrument = id
                Cloid = o.New.Cloid
                Answer = Answer.Accepted 7L
            }

        let event = Event.Of(RareEvent.Replied reply, at 50_010L)
        hear 50_010L (event.AsPart())

    let alive = s
    hear 50_100L (Event.Of(RareEvent.Operator(OperatorOrder.Kill "test"), at 50_100L))
    let killed = s
    s <- alive
    hear 50_100L (Event.BlockSealed(VenueId.Of 0, 1_000_000L, 1, at 50_100L))
    hear 2_000_000L (Event.Alive(VenueId.Of 0))
    [ alive; killed; s ]

/// Fields that the states must hold, or the test looks at nothing.
let private wanted =
    [
        "Ladder.Items.X"
        "Market.LastTrade.Raw"
        "Market.Feature.item.Obi"
        "Order.Oid"
        "Order.Told.Raw"
        "Rejected.word"
        "NewOrder.Cloid.N"
        "Ledger.Positions.Size.Raw"
        "TradeMemory.Digest"
        "Health.Owed"
        "NetDelta.Variances"
        "NetDelta.IsHedging"
        "Facts.Budgets.Used"
        "Wanted.Items.Stop.Raw"
        "State.Deadline.Ns"
        "Operator.reason"
        "Stall.Ring"
        "Stall.Height"
        "BlockSilence.silence.Ns"
    ]

let tests =
    testSequenced (
        testList
            "the digest of a state"
            [
                testCase "sees every number, flag and word that a later step may read" (fun () ->
                    let mutable changed = Set.empty

                    for s in rich () do
                        let before = Digest.state s

                        // What makes the digest fail was read by it.
                        let seen () =
                            try
                                Digest.state s <> before
                            with
                            | :? ArgumentException
                            | :? IndexOutOfRangeException
                            | :? NullReferenceException -> true

                        let names, blind = walk s seen
                        Expect.equal (Set.toList blind) [] "fields that the digest does not see"
                        Expect.equal (Digest.state s) before "everything was put back"
                        changed <- Set.union changed names

                    let missing = wanted |> List.filter (fun n -> not (changed.Contains n))
                    Expect.equal missing [] $"fields that were there to be changed, of {changed}")
                testCase "tells ready from paused from halted, and budgets apart" (fun () ->
                    let start = Hostile.begin' false

                    let after order =
                        let input = Stamped(10L, at 10L, Event.Of(RareEvent.Operator order, at 10L))
                        let struct (next, _) = Engine.step Hostile.config start &input
                        Digest.state next

                    let poor =
                        { Hostile.config with
                            Budget =
                                {
                                    Allowance = 5L
                                    ExitReserve = 1L
                                    Used = 0L
                                    TradedUsd = Usd.Of 0L
                                }
                        }

                    let all =
                        [
                            Digest.state start
                            after OperatorOrder.Pause
                            after (OperatorOrder.Kill "a")
                            after (OperatorOrder.Kill "b")
                            after OperatorOrder.Flatten
                        ]

                    Expect.equal (List.distinct all).Length all.Length "all differ"

                    Expect.notEqual
                        (Digest.state (Engine.create poor Hostile.desks))
                        (Digest.state (Engine.create Hostile.config Hostile.desks))
                        "budgets")
            ]
    )
