namespace Vrlg.Core

open System
open System.Buffers.Binary
open System.Numerics
open System.Runtime.CompilerServices
open System.Text

/// Bytes being written: grows by itself. Numbers are zig-zag varints, texts UTF-8 with their length before them.
[<Sealed>]
type ByteSink() =
    let mutable items: byte[] = Array.zeroCreate 4096
    let mutable count = 0

    member _.Count = count
    member _.Written: ReadOnlySpan<byte> = ReadOnlySpan(items, 0, count)
    member _.Clear() = count <- 0

    member private _.Need(more: int) =
        if count + more > items.Length then
            let wider = Array.zeroCreate (max (2 * items.Length) (count + more))
            Array.Copy(items, wider, count)
            items <- wider

    member s.Byte(b: byte) =
        s.Need 1
        items[count] <- b
        count <- count + 1

    member s.Fixed32(x: uint32) =
        s.Need 4
        BinaryPrimitives.WriteUInt32LittleEndian(Span(items, count, 4), x)
        count <- count + 4

    member s.Fixed64(x: uint64) =
        s.Need 8
        BinaryPrimitives.WriteUInt64LittleEndian(Span(items, count, 8), x)
        count <- count + 8

    /// Numbers around zero as numbers from zero on, small ones small: 0, -1, 1, -2, ...
    static member Zigzag(x: int64) : uint64 = uint64 ((x <<< 1) ^^^ (x >>> 63))

    member s.Int(x: int64) = s.Whole(ByteSink.Zigzag x)

    /// A number from zero on, seven bits a byte, least first.
    member s.Whole(x: uint64) =
        s.Need 10
        let mutable z = x

        while z >= 0x80UL do
            items[count] <- byte z ||| 0x80uy
            count <- count + 1
            z <- z >>> 7

        items[count] <- byte z
        count <- count + 1

    member s.Raw(bytes: ReadOnlySpan<byte>) =
        s.Need bytes.Length
        bytes.CopyTo(Span(items, count, bytes.Length))
        count <- count + bytes.Length

    member s.Text(text: string) =
        let length = Encoding.UTF8.GetByteCount text
        s.Int(int64 length)
        s.Need length
        Encoding.UTF8.GetBytes(text.AsSpan(), Span(items, count, length)) |> ignore
        count <- count + length

    /// Writes over a place written before, for a length or a checksum known only afterwards.
    member _.Patch32(at: int, x: uint32) =
        BinaryPrimitives.WriteUInt32LittleEndian(Span(items, at, 4), x)

/// Bytes being read. Total: past the end or against the format it only turns `IsBad` and answers 0.
[<Struct; IsByRefLike; NoComparison; NoEquality>]
type ByteSource =
    val mutable private rest: ReadOnlySpan<byte>
    val mutable private bad: bool

    new(bytes: ReadOnlySpan<byte>) = { rest = bytes; bad = false }

    member s.IsBad = s.bad
    member s.IsEnd = s.rest.IsEmpty
    member s.Fail() = s.bad <- true

    member s.Byte() : byte =
        if s.rest.IsEmpty then
            s.bad <- true
            0uy
        else
            let b = s.rest[0]
            s.rest <- s.rest.Slice 1
            b

    member s.Fixed64() : uint64 =
        if s.rest.Length < 8 then
            s.bad <- true
            0UL
        else
            let x = BinaryPrimitives.ReadUInt64LittleEndian s.rest
            s.rest <- s.rest.Slice 8
            x

    member s.Int() : int64 =
        let mutable z = 0UL
        let mutable shift = 0
        let mutable more = true

        while more do
            let b = s.Byte()
            z <- z ||| (uint64 (b &&& 0x7Fuy) <<< shift)
            shift <- shift + 7
            more <- b &&& 0x80uy <> 0uy && not s.bad

            if more && shift > 63 then
                s.bad <- true
                more <- false

        int64 (z >>> 1) ^^^ -(int64 (z &&& 1UL))

    /// A count that must fit into what is left at `least` bytes an item.
    member s.Count(least: int) : int =
        let n = s.Int()

        if n < 0L || n > int64 (s.rest.Length / least) then
            s.bad <- true
            0
        else
            int n

    member s.Text() : string =
        let length = s.Count 1

        if s.bad then
            ""
        else
            let text = Encoding.UTF8.GetString(s.rest.Slice(0, length))
            s.rest <- s.rest.Slice length
            text

/// The checksum of journal records: CRC-32C (Castagnoli), as the processor computes it.
[<RequireQualifiedAccess>]
module Checksum =
    let crc32c (bytes: ReadOnlySpan<byte>) : uint32 =
        let mutable crc = 0xFFFFFFFFu
        let mutable i = 0

        while i + 8 <= bytes.Length do
            crc <- BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice i))
            i <- i + 8

        while i < bytes.Length do
            crc <- BitOperations.Crc32C(crc, bytes[i])
            i <- i + 1

        ~~~crc
