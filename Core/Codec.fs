namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// Stamped events to bytes and back (journal format v1). Whatever the bytes, reading answers an event or nothing.
[<RequireQualifiedAccess>]
module Codec =
    let private putCloid (s: ByteSink) (c: Cloid) =
        s.Int c.Run
        s.Int c.N

    let private getCloid (s: byref<ByteSource>) : Cloid =
        let run = s.Int()
        let n = s.Int()
        { Run = run; N = n }

    let private putStatus (s: ByteSink) (status: OrderStatus) =
        match status with
        | OrderStatus.Open -> s.Byte 0uy
        | OrderStatus.Filled -> s.Byte 1uy
        | OrderStatus.Triggered -> s.Byte 2uy
        | OrderStatus.Cancelled word ->
            s.Byte 3uy
            s.Text word
        | OrderStatus.Rejected word ->
            s.Byte 4uy
            s.Text word
        | OrderStatus.Unknown word ->
            s.Byte 5uy
            s.Text word

    let private getStatus (s: byref<ByteSource>) : OrderStatus =
        match s.Byte() with
        | 0uy -> OrderStatus.Open
        | 1uy -> OrderStatus.Filled
        | 2uy -> OrderStatus.Triggered
        | 3uy -> OrderStatus.Cancelled(s.Text())
        | 4uy -> OrderStatus.Rejected(s.Text())
        | 5uy -> OrderStatus.Unknown(s.Text())
        | _ ->
            s.Fail()
            OrderStatus.Unknown ""

    let private putReply (s: ByteSink) (r: Reply) =
        s.Int(int64 r.Account.Index)
        s.Int(int64 r.Instrument.Index)
        putCloid s r.Cloid

        match r.Answer with
        | Answer.Accepted oid ->
            s.Byte 0uy
            s.Int oid
        | Answer.Refused status ->
            s.Byte 1uy
            putStatus s status
        | Answer.Ended(status, ValueNone) ->
            s.Byte 2uy
            putStatus s status
        | Answer.Ended(status, ValueSome filled) ->
            s.Byte 3uy
            putStatus s status
            s.Int filled.Raw
        | Answer.CancelRefused status ->
            s.Byte 4uy
            putStatus s status
        | Answer.Unanswered -> s.Byte 5uy
        | Answer.NotKnown -> s.Byte 6uy
        | Answer.Triggered -> s.Byte 7uy

    let private getAnswer (s: byref<ByteSource>) : Answer =
        match s.Byte() with
        | 0uy -> Answer.Accepted(s.Int())
        | 1uy -> Answer.Refused(getStatus &s)
        | 2uy -> Answer.Ended(getStatus &s, ValueNone)
        | 3uy ->
            let status = getStatus &s
            Answer.Ended(status, ValueSome(Sz.Of(s.Int())))
        | 4uy -> Answer.CancelRefused(getStatus &s)
        | 5uy -> Answer.Unanswered
        | 6uy -> Answer.NotKnown
        | 7uy -> Answer.Triggered
        | _ ->
            s.Fail()
            Answer.NotKnown

    let private getReply (s: byref<ByteSource>) : Reply =
        let account = AccountId.Of(int (s.Int()))
        let instrument = InstrumentId.Of(int (s.Int()))
        let cloid = getCloid &s
        let answer = getAnswer &s

        {
            Account = account
            Instrument = instrument
            Cloid = cloid
            Answer = answer
        }

    let private putFill (s: ByteSink) (f: Fill) =
        s.Int(int64 f.Account.Index)
        s.Int(int64 f.Instrument.Index)
        putCloid s f.Cloid
        s.Int f.TradeId
        s.Byte(byte f.Side ||| (if f.IsMaker then 2uy else 0uy))
        s.Int f.Px.Raw
        s.Int f.Sz.Raw
        s.Int f.Fee.Raw
        s.Int f.Cumulative.Raw

    let private getFill (s: byref<ByteSource>) : Fill =
        let account = AccountId.Of(int (s.Int()))
        let instrument = InstrumentId.Of(int (s.Int()))
        let cloid = getCloid &s
        let tradeId = s.Int()
        let flags = s.Byte()
        let px = Px.Of(s.Int())
        let sz = Sz.Of(s.Int())
        let fee = Usd.Of(s.Int())
        let cumulative = Sz.Of(s.Int())

        {
            Account = account
            Instrument = instrument
            Cloid = cloid
            TradeId = tradeId
            Side = if flags &&& 1uy = 0uy then Side.Buy else Side.Sell
            Px = px
            Sz = sz
            Fee = fee
            Cumulative = cumulative
            IsMaker = flags &&& 2uy <> 0uy
        }

    let private putAccount (s: ByteSink) (a: AccountFacts) =
        s.Int(int64 a.Account.Index)
        s.Int a.Cash.Raw
        s.Int(int64 a.Positions.Length)

        for p in a.Positions do
            s.Int(int64 p.Instrument.Index)
            s.Int p.Position.Raw
            s.Int p.AvgPx.Raw

        s.Int(int64 a.Open.Length)

        for o in a.Open do
            s.Int(int64 o.Instrument.Index)
            putCloid s o.Cloid

    let private getAccount (s: byref<ByteSource>) : AccountFacts =
        let account = AccountId.Of(int (s.Int()))
        let cash = Usd.Of(s.Int())
        let positions = ImmutableArray.CreateBuilder<HeldPosition>()

        for _ in 1 .. s.Count 3 do
            let instrument = InstrumentId.Of(int (s.Int()))
            let position = Sz.Of(s.Int())
            let avg = Px.Of(s.Int())

            positions.Add
                {
                    Instrument = instrument
                    Position = position
                    AvgPx = avg
                }

        let orders = ImmutableArray.CreateBuilder<OpenOrder>()

        for _ in 1 .. s.Count 3 do
            let instrument = InstrumentId.Of(int (s.Int()))
            let cloid = getCloid &s

            orders.Add
                {
                    Instrument = instrument
                    Cloid = cloid
                }

        {
            Account = account
            Cash = cash
            Positions = positions.ToImmutable()
            Open = orders.ToImmutable()
        }

    let private putRare (s: ByteSink) (rare: RareEvent) =
        match rare with
        | RareEvent.Replied r -> putReply s r
        | RareEvent.Filled f -> putFill s f
        | RareEvent.FundingPaid f ->
            s.Int(int64 f.Account.Index)
            s.Int(int64 f.Instrument.Index)
            s.Int f.Paid.Raw
        | RareEvent.AccountSeen a -> putAccount s a
        | RareEvent.Predicted p ->
            s.Int(int64 p.Instrument.Index)
            s.Int p.About.Ns
            s.Int p.Horizon.Ns
            s.Fixed64(BitConverter.DoubleToUInt64Bits p.Value)
        | RareEvent.Operator(OperatorOrder.Pause) -> s.Byte 0uy
        | RareEvent.Operator(OperatorOrder.Resume) -> s.Byte 1uy
        | RareEvent.Operator(OperatorOrder.Kill reason) ->
            s.Byte 2uy
            s.Text reason
        | RareEvent.Operator(OperatorOrder.Flatten) -> s.Byte 3uy
        | RareEvent.RunStarted r ->
            s.Int r.Run
            s.Int r.FirstCloid

    let private getOperator (s: byref<ByteSource>) : OperatorOrder =
        match s.Byte() with
        | 0uy -> OperatorOrder.Pause
        | 1uy -> OperatorOrder.Resume
        | 2uy -> OperatorOrder.Kill(s.Text())
        | 3uy -> OperatorOrder.Flatten
        | _ ->
            s.Fail()
            OperatorOrder.Pause

    let private getFunding (s: byref<ByteSource>) : Funding =
        let account = AccountId.Of(int (s.Int()))
        let instrument = InstrumentId.Of(int (s.Int()))

        {
            Account = account
            Instrument = instrument
            Paid = Usd.Of(s.Int())
        }

    let private getPrediction (s: byref<ByteSource>) : Prediction =
        let instrument = InstrumentId.Of(int (s.Int()))
        let about = Instant.Of(s.Int())
        let horizon = Duration.Of(s.Int())

        {
            Instrument = instrument
            About = about
            Horizon = horizon
            Value = BitConverter.UInt64BitsToDouble(s.Fixed64())
        }

    let private getRare (kind: EventKind) (s: byref<ByteSource>) : RareEvent voption =
        match kind with
        | EventKind.Replied -> ValueSome(RareEvent.Replied(getReply &s))
        | EventKind.Filled -> ValueSome(RareEvent.Filled(getFill &s))
        | EventKind.FundingPaid -> ValueSome(RareEvent.FundingPaid(getFunding &s))
        | EventKind.AccountSeen -> ValueSome(RareEvent.AccountSeen(getAccount &s))
        | EventKind.Predicted -> ValueSome(RareEvent.Predicted(getPrediction &s))
        | EventKind.Operator -> ValueSome(RareEvent.Operator(getOperator &s))
        | EventKind.RunStarted ->
            let run = s.Int()
            ValueSome(RareEvent.RunStarted { Run = run; FirstCloid = s.Int() })
        | _ -> ValueNone

    let private putSide (s: ByteSink) (levels: ImmutableArray<PxSz>) =
        s.Int(int64 levels.Length)
        let mutable last = 0L

        for level in levels do
            s.Int(level.Px.Raw - last)
            s.Int level.Sz.Raw
            last <- level.Px.Raw

    let private getSide (s: byref<ByteSource>) : ImmutableArray<PxSz> =
        let n = s.Count 2
        let levels = ImmutableArray.CreateBuilder<PxSz> n
        let mutable last = 0L

        for _ in 1..n do
            last <- last + s.Int()
            let sz = Sz.Of(s.Int())
            levels.Add { Px = Px.Of last; Sz = sz }

        levels.ToImmutable()

    /// Appends one stamped event. `venueAt` is written as its distance to the arrival.
    let put (s: ByteSink) (input: inref<Stamped>) =
        let e = &input.Event
        s.Byte(byte e.Kind)
        s.Byte(byte e.Side ||| (e.Flags <<< 1))
        s.Byte(byte e.Channel)
        s.Int input.Seq
        s.Int input.At.Ns
        s.Int(input.At.Ns - e.VenueAt.Ns)
        s.Int(int64 e.Instrument.Index)

        match e.Body with
        | :? Depth as depth ->
            s.Int(int64 depth.Limit)
            putSide s depth.Bids
            putSide s depth.Asks
        | :? RareEvent as rare -> putRare s rare
        | _ ->
            s.Int e.A
            s.Int e.B
            s.Int e.C
            s.Int e.D
            s.Int e.E

    /// Reads one stamped event; nothing when the bytes are not one. The kind is validated before it is believed.
    let get (bytes: ReadOnlySpan<byte>) : Stamped voption =
        let mutable s = ByteSource bytes
        let kind: EventKind = LanguagePrimitives.EnumOfValue(s.Byte())
        let flags = s.Byte()
        let side = if flags &&& 1uy = 0uy then Side.Buy else Side.Sell
        let channel: Channel = LanguagePrimitives.EnumOfValue(s.Byte())
        let seq = s.Int()
        let at = s.Int()
        let venueAt = at - s.Int()
        let instrument = InstrumentId.Of(int (s.Int()))
        let mutable body: obj | null = null
        let mutable a = 0L
        let mutable b = 0L
        let mutable c = 0L
        let mutable d = 0L
        let mutable e = 0L

        if kind = EventKind.BookMoved then
            let limit = int (s.Int())
            let bids = getSide &s
            let asks = getSide &s
            body <- Depth(limit, bids, asks)
        elif kind >= EventKind.Replied && kind <= EventKind.RunStarted then
            match getRare kind &s with
            | ValueSome rare -> body <- rare
            | ValueNone -> s.Fail()
        elif
            (kind >= EventKind.LevelMoved && kind <= EventKind.FeedBack)
            || kind = EventKind.Alive
        then
            a <- s.Int()
            b <- s.Int()
            c <- s.Int()
            d <- s.Int()
            e <- s.Int()
        else
            s.Fail()

        if s.IsBad || not s.IsEnd then
            ValueNone
        else
            let event =
                Event(kind, side, flags >>> 1, channel, instrument, Instant.Of venueAt, a, b, c, d, e, body)

            ValueSome(Stamped(seq, Instant.Of at, event))
