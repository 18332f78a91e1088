namespace Vrlg.Core

open System
open System.Buffers.Binary
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// What a record of a journal is. The numbers stand in files: never reused.
type RecordKind =
    | None = 0uy
    | Header = 1uy
    | Event = 2uy
    /// What the step of the event before it sent and said, with the digest of all output so far.
    | Output = 3uy
    /// The digest of facts and wishes after the event before it.
    | State = 4uy
    /// The clean end of a run: counts and the last digests.
    | End = 5uy

/// The first record of every segment: what run this is, and everything needed to repeat it. No wall-clock time, path, host or
/// process id stands in it: two runs of the same are the same bytes.
[<NoComparison; NoEquality>]
type JournalHeader =
    {
        Format: int
        Segment: int
        /// Module version ids of Core and Sim: the same sources give the same ids in every folder.
        Build: string
        Runtime: string
        Processor: string
        Run: int64
        /// The effective settings, as text, and their SHA-256.
        Setup: string
        SetupHash: string
        /// Named facts beside the settings, such as the instrument table.
        Facts: ImmutableArray<struct (string * string)>
    }

[<NoComparison; NoEquality>]
type JournalEnd =
    {
        Events: int64
        Commands: int64
        OutputDigest: uint64
        StateDigest: uint64
    }

/// One record as read: a kind with what it holds.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type JournalRecord =
    | Header of JournalHeader
    | Event of Stamped
    | Output of digest: uint64 * lines: ImmutableArray<string>
    | State of digest: uint64
    | End of JournalEnd

/// What stands at a place of a segment.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type JournalRead =
    | Record of JournalRecord * next: int
    /// Nothing more: the segment ends exactly here.
    | Nothing
    /// The segment ends inside a record: its tail is missing.
    | Torn
    /// The checksum or the content of the record is wrong.
    | Corrupt of what: string

/// Journal format v1: a segment is an 8-byte mark and records of length, CRC-32C and payload; a payload is a kind and a body.
[<RequireQualifiedAccess>]
module Journal =
    [<Literal>]
    let Format = 1

    /// Every so many events a digest of facts and wishes is written.
    [<Literal>]
    let StateEvery = 4096L

    [<Literal>]
    let private LongestRecord = 0x0400_0000

    /// The first bytes of a segment.
    let mark: ImmutableArray<byte> =
        ImmutableArray.Create<byte>(ReadOnlySpan "VRLGJ001"B)

    let private record (s: ByteSink) (kind: RecordKind) (body: ByteSink -> unit) =
        let start = s.Count
        s.Fixed32 0u
        s.Fixed32 0u
        s.Byte(byte kind)
        body s
        let payload = s.Written.Slice(start + 8)
        s.Patch32(start, uint32 payload.Length)
        s.Patch32(start + 4, Checksum.crc32c payload)

    let appendHeader (s: ByteSink) (h: JournalHeader) =
        record s RecordKind.Header (fun s ->
            s.Int(int64 h.Format)
            s.Int(int64 h.Segment)
            s.Text h.Build
            s.Text h.Runtime
            s.Text h.Processor
            s.Int h.Run
            s.Text h.Setup
            s.Text h.SetupHash
            s.Int(int64 h.Facts.Length)

            for struct (name, value) in h.Facts do
                s.Text name
                s.Text value)

    let append (s: ByteSink) (input: inref<Stamped>) =
        let start = s.Count
        s.Fixed32 0u
        s.Fixed32 0u
        s.Byte(byte RecordKind.Event)
        Codec.put s &input
        let payload = s.Written.Slice(start + 8)
        s.Patch32(start, uint32 payload.Length)
        s.Patch32(start + 4, Checksum.crc32c payload)

    let appendOutput (s: ByteSink) (digest: uint64) (lines: ImmutableArray<string>) =
        record s RecordKind.Output (fun s ->
            s.Fixed64 digest
            s.Int(int64 lines.Length)

            for line in lines do
                s.Text line)

    let appendState (s: ByteSink) (digest: uint64) =
        record s RecordKind.State (fun s -> s.Fixed64 digest)

    let appendEnd (s: ByteSink) (e: JournalEnd) =
        record s RecordKind.End (fun s ->
            s.Int e.Events
            s.Int e.Commands
            s.Fixed64 e.OutputDigest
            s.Fixed64 e.StateDigest)

    let private getHeader (s: byref<ByteSource>) : JournalHeader =
        let format = int (s.Int())
        let segment = int (s.Int())
        let build = s.Text()
        let runtime = s.Text()
        let processor = s.Text()
        let run = s.Int()
        let setup = s.Text()
        let hash = s.Text()
        let facts = ImmutableArray.CreateBuilder<struct (string * string)>()

        for _ in 1 .. s.Count 2 do
            let name = s.Text()
            facts.Add(struct (name, s.Text()))

        {
            Format = format
            Segment = segment
            Build = build
            Runtime = runtime
            Processor = processor
            Run = run
            Setup = setup
            SetupHash = hash
            Facts = facts.ToImmutable()
        }

    let private getLines (s: byref<ByteSource>) : ImmutableArray<string> =
        let lines = ImmutableArray.CreateBuilder<string>()

        for _ in 1 .. s.Count 1 do
            lines.Add(s.Text())

        lines.ToImmutable()

    let private getEnd (s: byref<ByteSource>) : JournalEnd =
        let events = s.Int()
        let commands = s.Int()
        let output = s.Fixed64()

        {
            Events = events
            Commands = commands
            OutputDigest = output
            StateDigest = s.Fixed64()
        }

    let private parse (payload: ReadOnlySpan<byte>) : JournalRecord voption =
        let kind: RecordKind = LanguagePrimitives.EnumOfValue payload[0]
        let body = payload.Slice 1

        if kind = RecordKind.Event then
            match Codec.get body with
            | ValueSome input -> ValueSome(JournalRecord.Event input)
            | ValueNone -> ValueNone
        else
            let mutable s = ByteSource body

            let read =
                match kind with
                | RecordKind.Header -> ValueSome(JournalRecord.Header(getHeader &s))
                | RecordKind.Output ->
                    let digest = s.Fixed64()
                    ValueSome(JournalRecord.Output(digest, getLines &s))
                | RecordKind.State -> ValueSome(JournalRecord.State(s.Fixed64()))
                | RecordKind.End -> ValueSome(JournalRecord.End(getEnd &s))
                | _ -> ValueNone

            if s.IsBad || not s.IsEnd then ValueNone else read

    /// Whether a segment begins as one.
    let isSegment (bytes: ReadOnlySpan<byte>) =
        bytes.Length >= mark.Length
        && MemoryExtensions.SequenceEqual(bytes.Slice(0, mark.Length), mark.AsSpan())

    /// The record at a place of a segment (the first stands after the mark). Never fails: what is wrong is an answer.
    let read (segment: ReadOnlySpan<byte>) (at: int) : JournalRead =
        if at = segment.Length then
            JournalRead.Nothing
        elif segment.Length - at < 8 then
            JournalRead.Torn
        else
            let length = BinaryPrimitives.ReadUInt32LittleEndian(segment.Slice at)
            let crc = BinaryPrimitives.ReadUInt32LittleEndian(segment.Slice(at + 4))

            if length = 0u || length > uint32 LongestRecord then
                JournalRead.Corrupt $"a record states an impossible length of {length} bytes"
            elif int64 segment.Length - int64 at - 8L < int64 length then
                JournalRead.Torn
            else
                let payload = segment.Slice(at + 8, int length)

                if Checksum.crc32c payload <> crc then
                    JournalRead.Corrupt "the checksum of a record is wrong"
                else
                    match parse payload with
                    | ValueSome r -> JournalRead.Record(r, at + 8 + int length)
                    | ValueNone -> JournalRead.Corrupt "a record is not what its kind says"
