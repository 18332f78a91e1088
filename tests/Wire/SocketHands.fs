/// A clock that is moved by hand, a socket whose other side is the test, and a run that writes down what it is told.
module Vrlg.Wire.SocketHands

open System
open System.Collections.Generic
open System.Text
open System.Threading
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Core

type private HandTimer(callback: TimerCallback, state: obj | null, due: int64, period: int64, gone: HandTimer -> unit) =
    member val Due = due with get, set
    member _.Period = period
    member _.Ring() = callback.Invoke state

    interface ITimer with
        member t.Change(dueTime, _) =
            t.Due <-
                if dueTime < TimeSpan.Zero then
                    Int64.MaxValue
                else
                    int64 dueTime.TotalMilliseconds

            true

        member t.Dispose() = gone t

        member t.DisposeAsync() =
            gone t
            Threading.Tasks.ValueTask.CompletedTask

/// A clock that stands where it is put; its timers ring while it is moved, on the mover's thread.
type HandClock() =
    inherit TimeProvider()
    let gate = obj ()
    let timers = List<HandTimer>()
    let mutable ms = 1_000L
    member _.Ms = Volatile.Read(&ms)
    override _.TimestampFrequency = 1_000L
    override _.GetTimestamp() = Volatile.Read(&ms)

    override _.GetUtcNow() =
        DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000L + Volatile.Read(&ms))

    override c.CreateTimer(callback, state, dueTime, period) =
        let wait (span: TimeSpan) =
            if span < TimeSpan.Zero then
                Int64.MaxValue / 2L
            else
                int64 span.TotalMilliseconds

        lock gate (fun () ->
            let timer =
                new HandTimer(
                    callback,
                    state,
                    c.Ms + wait dueTime,
                    wait period,
                    fun t -> lock gate (fun () -> timers.Remove t |> ignore)
                )

            timers.Add timer
            timer :> ITimer)

    /// Time goes on by so much.
    member c.Move(by: int64) =
        let until = c.Ms + by

        let next () =
            lock gate (fun () ->
                let due = timers |> Seq.filter (fun t -> t.Due <= until) |> Seq.toList

                match due with
                | [] -> None
                | due ->
                    let first = due |> List.minBy (fun t -> t.Due)
                    Volatile.Write(&ms, max c.Ms first.Due)
                    first.Due <- first.Due + max 1L first.Period
                    Some first)

        let mutable timer = next ()

        while timer.IsSome do
            timer.Value.Ring()
            timer <- next ()

        Volatile.Write(&ms, until)

/// One connection of which the test is the other side.
type HandLink(where: Uri, listener: ILinkListener) =
    let sent = List<string>()
    member _.Where = where
    member _.Sent = sent |> Seq.toList
    member val IsGone = false with get, set
    /// Nothing is taken for sending.
    member val IsFull = false with get, set
    member _.Open() = listener.Opened()

    member _.Say(frame: string) =
        listener.Heard(ReadOnlyMemory(Encoding.UTF8.GetBytes frame))

    member _.Close(why: string) = listener.Closed why

    interface ILink with
        member l.TrySend(text) =
            if l.IsFull || l.IsGone then
                false
            else
                sent.Add(Encoding.UTF8.GetString text)
                true

        member l.Dispose() = l.IsGone <- true

/// Makes such connections, and remembers them.
type HandTransport() =
    let all = List<HandLink>()
    member _.All = all |> Seq.toList
    member _.Last = all[all.Count - 1]

    interface ITransport with
        member _.Begin(where, listener) =
            let link = new HandLink(where, listener)
            all.Add link
            link

/// What an event says, in short.
let say (e: Event) : string =
    let name =
        match e.Kind with
        | EventKind.FeedLost -> "lost"
        | EventKind.FeedBack -> "back"
        | EventKind.BookMoved -> "book"
        | EventKind.BboMoved -> "bbo"
        | EventKind.Traded -> "trade"
        | EventKind.ContextMoved -> "context"
        | EventKind.BlockSealed -> "block"
        | EventKind.Alive -> "alive"
        | kind -> string kind

    match e.Kind with
    | EventKind.FeedLost
    | EventKind.FeedBack ->
        if e.IsForAll then
            $"{name} {e.Channel}"
        else
            $"{name} {e.Channel} {e.Instrument.Index}"
    | EventKind.BookMoved -> $"{name} {e.Instrument.Index} {(nonNull e.Depth).Limit} {e.VenueAt.Ns / 1_000_000L}"
    | EventKind.Traded -> $"{name} {e.Instrument.Index} {e.TradeId}"
    | EventKind.BboMoved -> $"{name} {e.Instrument.Index} {e.VenueAt.Ns / 1_000_000L}"
    | EventKind.BlockSealed -> $"{name} {e.Height}"
    | EventKind.ContextMoved -> $"{name} {e.Instrument.Index} {e.Mark} {e.Oracle} {e.FundingRate}"
    | _ -> name

/// A run that takes everything, and writes it down.
type Notebook() =
    let gate = obj ()
    let events = List<Event>()
    let heard = List<int64>()
    /// Takes no more.
    member val IsFull = false with get, set
    member _.Events = lock gate (fun () -> events.ToArray())
    member _.Heard = lock gate (fun () -> heard |> Seq.toList)
    member n.Said = n.Events |> Seq.map say |> Seq.toList

    /// What was said since the last time.
    member n.Take() : string list =
        lock gate (fun () ->
            let said = events |> Seq.map say |> Seq.toList
            events.Clear()
            said)

    interface IEventSink with
        member n.Take(given, _) =
            let given = given.ToArray()

            lock gate (fun () ->
                events.AddRange given
                not n.IsFull)

    interface IVenueTimes with
        member _.Heard(ms) = lock gate (fun () -> heard.Add ms)
