/// A gateway of orders whose both ways to the venue, clock and timer are in a test's hands.
module Vrlg.Wire.Gateways

open System
open System.Collections.Generic
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Wire.Keys
open Vrlg.Wire.KeySources
open Vrlg.Wire.NonceDesk

/// A clock that stands, and one timer that fires when it is told to.
type Bench() =
    inherit Hands()
    member val Armed: (unit -> unit) option = None with get, set

    member b.Fire() =
        match b.Armed with
        | Some fire ->
            b.Armed <- None
            fire ()
        | None -> ()

    override b.CreateTimer(callback, state, _, _) =
        { new ITimer with
            member _.Change(_, _) =
                b.Armed <- Some(fun () -> callback.Invoke state)
                true
          interface IDisposable with
              member _.Dispose() = ()
          interface IAsyncDisposable with
              member _.DisposeAsync() = ValueTask()
        }

/// An action that waits for its answer.
type Held =
    {
        Action: string
        OverSocket: bool
        Done: TaskCompletionSource<RestReply>
    }

let assets =
    TradedAssets
        [
            TradedAsset(InstrumentId.Of 0, 0, "BTC", null)
            TradedAsset(InstrumentId.Of 1, 1, "ETH", null)
            TradedAsset(InstrumentId.Of 2, 10_001, "@1", "HYPE")
        ]

type Rig(folder: string) =
    let bench = Bench()
    let clock = RunClock bench
    let venue = VenueClock clock
    let budget = ActionBudget 100L
    let sent = ResizeArray<Sent>()
    let events = ResizeArray<Event>()
    let said = ResizeArray<string>()
    let fates = Queue<Fate>()
    let noops = ResizeArray<Sent>()
    let noopFates = Queue<Fate>()
    let desk = Desk()
    let held = ResizeArray<Held>()
    let mutable holds = false
    let mutable isLive = true
    let mutable trouble = ""

    let note (bySocket: bool) (fate: Fate) (text: string) =
        (if isNoop text then noops else sent).Add
            {
                BySocket = bySocket
                Fate = fate
                Body = text
            }

    let carry (bySocket: bool) (body: ReadOnlyMemory<byte>) (stop: CancellationToken) =
        let text = Encoding.UTF8.GetString body.Span

        if holds then
            let answer = TaskCompletionSource<RestReply>()

            let unknown =
                RestReply(RestOutcome.Unknown, ReadOnlyMemory.Empty, "nobody waited for the answer")

            held.Add
                {
                    Action = text
                    OverSocket = bySocket
                    Done = answer
                }

            stop.Register(fun () -> answer.TrySetResult unknown |> ignore) |> ignore
            answer.Task
        else
            let waiting = if isNoop text then noopFates else fates
            let fate = if waiting.Count > 0 then waiting.Dequeue() else Fine
            note bySocket fate text
            Task.FromResult(desk.Reply(fate, text))

    let socket =
        { new IActionPath with
            member _.IsLive = isLive
            member _.SendAsync(body, stop) = carry true body stop
        }

    let rest =
        { new IVenueRest with
            member _.AskAsync(_, _, _, _) =
                Task.FromResult(RestReply(RestOutcome.Unknown, ReadOnlyMemory.Empty, "nobody"))

            member _.ActAsync(body, _, _, stop) = carry false body stop
        }

    let sink =
        { new IEventSink with
            member _.Take(all, _) =
                for e in all do
                    events.Add e

                true
        }

    let nonces =
        match Nonces.Open(folder, account, bench, &trouble) with
        | null -> failtest trouble
        | n -> n

    let key =
        match managed.Load(ReadOnlySpan secret) with
        | null -> failtest "a key"
        | k -> new TradingKey(k, policyOf false None, bench)

    let gateway =
        new OrderGateway(
            GatewayParts(key, nonces, rest, socket, venue, budget, AccountFeed(AccountId.Of 0, 7L), sink, assets, clock),
            GatewayOptions.Default
        )

    do gateway.add_Said (fun s -> said.Add s)

    member _.Bench = bench
    member _.Gateway = gateway
    member _.Budget = budget
    member _.Sent = sent
    member _.Events = events
    member _.Said = said
    member _.Fates = fates
    /// The noops, apart from `Sent`, and what becomes of the next ones.
    member _.Noops = noops
    member _.NoopFates = noopFates
    member _.Desk = desk
    member _.Held = held

    /// From now on answers are held until they are let go.
    member _.Hold() = holds <- true

    /// Lets the answer of one held action go; of one that nobody waits for any more it comes too late.
    member _.Release(index: int, fate: Fate) =
        let one = held[index]
        held.RemoveAt index
        note one.OverSocket fate one.Action

        try
            one.Done.TrySetResult(desk.Reply(fate, one.Action)) |> ignore
        with :? InvalidOperationException as broken ->
            one.Done.TrySetException broken |> ignore

    member _.IsLive
        with get () = isLive
        and set value = isLive <- value

    member _.NowMs = bench.Now.ToUnixTimeMilliseconds()

    member _.Pass(ms: int64) =
        bench.Now <- bench.Now.AddMilliseconds(float ms)

    /// The venue tells a time so far from ours.
    member r.Tell(ahead: int64) = venue.Asked(clock.Now, r.NowMs + ahead)

    member _.Answers =
        [
            for e in events do
                match e.Rare with
                | ValueSome(RareEvent.Replied reply) -> reply.Cloid.N, reply.Answer
                | _ -> ()
        ]

    interface IDisposable with
        member _.Dispose() =
            (gateway :> IDisposable).Dispose()
            nonces.Dispose()
            (key :> IDisposable).Dispose()

let inRig (f: Rig -> unit) =
    inFolder (fun folder ->
        use rig = new Rig(folder)
        f rig)

let private px = Px.Of(100L * 100_000_000L)

let order (r: Rig) (n: int64) (instrument: int) (side: Side) (tif: Tif) (reduce: bool) (stop: bool) : NewOrder =
    {
        Account = AccountId.Of 0
        Instrument = InstrumentId.Of instrument
        Cloid = { Run = 7L; N = n }
        Side = side
        Px = px
        Sz = Sz.Of 1_000_000L
        Tif = tif
        ReduceOnly = reduce
        Trigger = if stop then px else Px.Of 0L
        Expires = Instant.OfMs(r.NowMs + 10_000L)
    }

let gone (n: int64) : Withdrawal =
    Withdrawal(InstrumentId.Of 0, { Run = 7L; N = n })

/// An action that was sent: what it is, its nonce, its expiry, its orders' numbers or its cancels'.
type Read =
    {
        Type: string
        Nonce: uint64
        Expires: uint64 option
        Numbers: int64 list
        IsSpot: bool
        Opens: bool
        Kinds: string list
    }

let read (s: Sent) : Read =
    use parsed = JsonDocument.Parse s.Body
    let root = parsed.RootElement
    let action = root.GetProperty "action"
    let kind = string (action.GetProperty("type").GetString())
    let isOrder = kind = "order"
    let rows = action.GetProperty(if isOrder then "orders" else "cancels")

    let number (row: JsonElement) =
        let text = string (row.GetProperty(if isOrder then "c" else "cloid").GetString())
        Convert.ToInt64(text.Substring 18, 16)

    let asset (row: JsonElement) =
        row.GetProperty(if isOrder then "a" else "asset").GetInt32()

    let opens (row: JsonElement) =
        isOrder
        && not (row.GetProperty("r").GetBoolean())
        && not (asset row >= 10_000 && not (row.GetProperty("b").GetBoolean()))

    let kindOf (row: JsonElement) =
        if not isOrder then
            "cancel"
        else
            let t = row.GetProperty "t"
            let mutable limit = JsonElement()

            if t.TryGetProperty("limit", &limit) then
                string (limit.GetProperty("tif").GetString())
            else
                "trigger"

    let all = [ for row in rows.EnumerateArray() -> row ]

    {
        Type = kind
        Nonce = root.GetProperty("nonce").GetUInt64()
        Expires =
            let mutable e = JsonElement()

            if root.TryGetProperty("expiresAfter", &e) then
                Some(e.GetUInt64())
            else
                None
        Numbers = all |> List.map number
        IsSpot = all |> List.exists (fun row -> asset row >= 10_000)
        Opens = all |> List.exists opens
        Kinds = all |> List.map kindOf
    }
