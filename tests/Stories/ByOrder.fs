/// The same stories as an order-by-order feed would tell them: levels and prints as events of single orders.
module Vrlg.Stories.ByOrder

open System
open System.Buffers.Binary
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

[<NoComparison>]
type private Other =
    {
        Id: uint64
        Side: Side
        Px: int64
        mutable Size: int64
    }

/// Turns what a story says of levels and prints into rows of the file, and gives back what the file's reader makes of them.
/// A level that shrinks loses its youngest orders; a print fills its oldest, and one that comes in time where none is left.
[<Sealed>]
type Others() =
    let others = ResizeArray<Other>()
    let bytes = ResizeArray<byte>()
    let mutable last = 0UL
    let mutable read = 0

    let write (now: Instant) (o: Other) (kind: byte) (size: int64) =
        let row: byte[] = Array.zeroCreate 40
        BinaryPrimitives.WriteInt64LittleEndian(Span row, now.Ns)
        BinaryPrimitives.WriteUInt64LittleEndian(Span(row, 16, 8), o.Id)
        BinaryPrimitives.WriteInt32LittleEndian(Span(row, 24, 4), int (o.Px / one))
        row[28] <- kind
        row[29] <- if o.Side = Side.Buy then 0uy else 1uy
        BinaryPrimitives.WriteInt64LittleEndian(Span(row, 32, 8), size / one)
        bytes.AddRange row

    let standing side px =
        others |> Seq.filter (fun o -> o.Side = side && o.Px = px) |> Seq.toList

    let add now side px size =
        last <- last + 1UL

        let o =
            {
                Id = last
                Side = side
                Px = px
                Size = size
            }

        others.Add o
        write now o 10uy size
        o

    let fill now (o: Other) size =
        write now o 13uy size
        o.Size <- o.Size - size

        if o.Size = 0L then
            others.Remove o |> ignore<bool>

    let shrink now (o: Other) size =
        if size >= o.Size then
            write now o 11uy 0L
            others.Remove o |> ignore<bool>
        else
            o.Size <- o.Size - size
            write now o 12uy o.Size

    let level now side px size =
        let there = standing side px
        let sum = there |> List.sumBy _.Size

        if size > sum then
            add now side px (size - sum) |> ignore<Other>
        elif size = sum then
            // Stated again: the youngest keeps its size.
            there |> List.tryLast |> Option.iter (fun o -> write now o 12uy o.Size)
        else
            let mutable excess = sum - size

            for o in List.rev there do
                if excess > 0L then
                    let part = min excess o.Size
                    shrink now o part
                    excess <- excess - part

    let print now aggressor px size =
        let side = if aggressor = Side.Buy then Side.Sell else Side.Buy
        let mutable rest = size

        for o in standing side px do
            if rest > 0L then
                let part = min rest o.Size
                fill now o part
                rest <- rest - part

        if rest > 0L then
            fill now (add now side px rest) rest

    /// The records that an event amounts to, each with its queue's move.
    member _.Tell(event: Event) : struct (QueueMove * Event) list =
        let px, sz = event.Px, event.Sz

        if event.Kind = EventKind.LevelMoved then
            level event.VenueAt event.Side px.Raw sz.Raw
        else
            print event.VenueAt event.Side px.Raw sz.Raw

        match OrderFeed.read (ReadOnlySpan(bytes.ToArray())) id with
        | Error sentence -> failwith sentence
        | Ok tape ->
            let from = read
            read <- tape.Count
            [ for i in from .. tape.Count - 1 -> struct (tape.Move i, tape.Event i) ]
