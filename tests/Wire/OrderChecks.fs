/// One order to the venue and back, whatever breaks in between.
module Vrlg.Wire.OrderChecks

open System
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Wire.Keys
open Vrlg.Wire.KeySources

/// A clock that stands, and whose pauses are over at once.
type private Hurry() =
    inherit Hands()

    override _.CreateTimer(callback, state, due, _) =
        let ring () =
            ThreadPool.QueueUserWorkItem(fun _ -> callback.Invoke state) |> ignore<bool>

        if due <> Timeout.InfiniteTimeSpan then
            ring ()

        { new ITimer with
            member _.Change(due, _) =
                if due <> Timeout.InfiniteTimeSpan then
                    ring ()

                true

            member _.Dispose() = ()
            member _.DisposeAsync() = ValueTask()
        }

let private answered (text: string) =
    RestReply(RestOutcome.Answered, ReadOnlyMemory(Encoding.UTF8.GetBytes text), "")

/// A venue that has at most one order.
type private OneOrder(hands: Hands) =
    member val Actions = ResizeArray<string>()
    member val Stands = false with get, set
    member val Ended = false with get, set
    /// Called when an action came.
    member val Came: string -> unit = ignore with get, set
    /// So many cancels have no answer and do nothing.
    member val LostCancels = 0 with get, set

    member private v.Status =
        if not v.Stands && not v.Ended then
            """{"status":"unknownOid"}"""
        else
            let status = if v.Stands then "open" else "canceled"

            $"""{{"status":"order","order":{{"order":{{"coin":"BTC","side":"B","limitPx":"100.0","sz":"1.0","oid":9,"timestamp":1,"triggerCondition":"N/A","isTrigger":false,"triggerPx":"0.0","children":[],"isPositionTpsl":false,"reduceOnly":false,"orderType":"Limit","origSz":"1.0","tif":"Alo","cloid":null}},"status":"{status}","statusTimestamp":1}}}}"""

    interface IVenueRest with
        member v.AskAsync(kind, _, _, stop) =
            stop.ThrowIfCancellationRequested()

            match kind with
            | "exchangeStatus" -> answered $"""{{"time":{hands.Now.ToUnixTimeMilliseconds()},"specialStatuses":null}}"""
            | "meta" ->
                answered
                    """{"universe":[{"name":"BTC","szDecimals":5,"maxLeverage":40,"marginTableId":56}],"marginTables":[],"collateralToken":0}"""
            | "l2Book" ->
                answered
                    """{"coin":"BTC","time":1,"levels":[[{"px":"90000.0","sz":"1.0","n":1}],[{"px":"90001.0","sz":"1.0","n":1}]]}"""
            | "orderStatus" -> answered v.Status
            | "userRole" -> answered """{"role":"missing"}"""
            | other -> failtestf "%s" other
            |> Task.FromResult

        member v.ActAsync(body, _, _, stop) =
            let text = Encoding.UTF8.GetString body.Span
            use parsed = JsonDocument.Parse text

            let kind =
                string (parsed.RootElement.GetProperty("action").GetProperty("type").GetString())

            v.Actions.Add kind

            let said =
                if kind = "order" then
                    v.Stands <- true

                    answered
                        """{"status":"ok","response":{"type":"order","data":{"statuses":[{"resting":{"oid":9}}]}}}"""
                elif v.LostCancels > 0 then
                    v.LostCancels <- v.LostCancels - 1
                    RestReply(RestOutcome.Unknown, ReadOnlyMemory.Empty, "no answer")
                else
                    v.Stands <- false
                    v.Ended <- true
                    answered """{"status":"ok","response":{"type":"cancel","data":{"statuses":["success"]}}}"""

            v.Came kind

            if stop.IsCancellationRequested then
                RestReply(RestOutcome.Unknown, ReadOnlyMemory.Empty, "nobody waited")
            else
                said
            |> Task.FromResult

let private check (prepare: OneOrder -> unit) (stop: CancellationToken) (look: OneOrder -> CheckReport -> unit) =
    inFolder (fun folder ->
        let hands = Hurry()
        let venue = OneOrder hands
        prepare venue
        let mutable trouble = ""

        match Nonces.Open(folder, account, hands, &trouble) with
        | null -> failtest trouble
        | nonces ->
            use nonces = nonces

            use key =
                match managed.Load(ReadOnlySpan secret) with
                | null -> failtest "a key"
                | curve -> new TradingKey(curve, policyOf false None, hands)

            let task = OrderCheck(key, nonces, venue, RunClock hands).RunAsync("BTC", stop)
            Expect.isTrue (task.Wait 60_000) "it ends"
            look venue task.Result)

let tests =
    testList
        "one order and back"
        [
            testCase "is placed, found, cancelled" (fun () ->
                check ignore CancellationToken.None (fun v r ->
                    Expect.equal r.End CheckEnd.Done (String.concat "; " r.Steps)
                    Expect.equal (List.ofSeq v.Actions) [ "order"; "cancelByCloid" ] "two actions"))
            testCase "who stops it once the order is placed does not leave it there" (fun () ->
                use stop = new CancellationTokenSource()

                check (fun v -> v.Came <- fun _ -> stop.Cancel()) stop.Token (fun v r ->
                    Expect.equal r.End CheckEnd.Done (String.concat "; " r.Steps)
                    Expect.isFalse v.Stands "cancelled"))
            testCase "stopped before, nothing is sent" (fun () ->
                use stop = new CancellationTokenSource()
                stop.Cancel()

                check ignore stop.Token (fun v r ->
                    Expect.equal (r.End, v.Actions.Count) (CheckEnd.NotTried, 0) (String.concat "; " r.Steps)))
            testCase "a cancel that was lost is sent again" (fun () ->
                check (fun v -> v.LostCancels <- 2) CancellationToken.None (fun v r ->
                    Expect.equal r.End CheckEnd.Done (String.concat "; " r.Steps)
                    Expect.isFalse v.Stands "cancelled"))
        ]
