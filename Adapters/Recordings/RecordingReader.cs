using System.Collections.Immutable;
using Microsoft.FSharp.Core;
using Vrlg.Core;

namespace Vrlg.Adapters.Recordings;

/// <summary>Reads the three channels of one coin into rows.</summary>
internal sealed class RecordingReader(
    InstrumentId instrument,
    RecordingOptions options,
    int files,
    Action<double>? progress,
    CancellationToken stop
)
{
    private const int MostSentences = 20;
    private const long NanosPerUnit = 10; // 1e-8 s in nanoseconds
    private const long NanosPerMs = 1_000_000;
    private const long LatestMs = 4_102_444_800_000; // the year 2100
    private const long DayNs = 86_400L * 1_000_000_000;
    private const long StepNs = 1_000_000_000; // one that is told about

    // Trades come first at one instant, then books, then best quotes, then the block that they were in; inside a file by line.
    private const long TradeClass = 0L << 40;
    private const long BookClass = 1L << 40;
    private const long QuoteClass = 2L << 40;

    public List<RecordedRow> Rows { get; } = [];
    public List<string> Skipped { get; } = [];

    /// <summary>Names of the proposers, by their numbers.</summary>
    public List<string> Proposers { get; } = [];
    public int SkippedRows { get; private set; }
    public int RepeatedTrades { get; private set; }
    public int SizeDecimals { get; private set; }

    /// <summary>Rows of books and quotes whose venue time is more than 1 s before that of a row above them.</summary>
    public int SteppedBack { get; private set; }

    /// <summary>Books and best quotes whose bid is not below their ask.</summary>
    public int Crossed { get; private set; }

    /// <summary>Good rows of books and quotes, whether asked for or not.</summary>
    public int PriceRows { get; private set; }
    public bool HasBook { get; private set; }
    public bool HasQuotes { get; private set; }
    public bool HasTrades { get; private set; }

    private int opened;
    private PxSz lastBid;
    private PxSz lastAsk;

    public void ReadTrades(string path)
    {
        var rows = Open(path);
        var (time, received, px, sz, side, id) = (
            rows.Column("exchange_timestamp"),
            rows.Column("timestamp"),
            rows.Column("price"),
            rows.Column("size"),
            rows.Column("side"),
            rows.Column("trade_id")
        );
        var seen = new HashSet<long>();
        while (rows.Next())
        {
            var fault = rows.WidthFault();
            if (fault is null)
            {
                var (at, got) = Times(rows, time, received, ref fault);
                var price = Positive(rows, px, ref fault);
                var size = Size(rows, sz, ref fault);
                var aggressor = SideOf(rows, side, "buy"u8, "sell"u8, ref fault);
                var trade = rows.Whole(id, ref fault);
                if (fault is null && !seen.Add(trade))
                    RepeatedTrades++;
                else if (fault is null && IsAsked(at))
                {
                    var made = Event.Traded(instrument, aggressor, Px.Of(price), Sz.Of(size), trade, Instant.Of(at));
                    Rows.Add(new(at, TradeClass + rows.Line, got, made));
                    HasTrades = true;
                }
            }

            Settle(fault);
            Show(rows);
        }
    }

    public void ReadBooks(string path)
    {
        var rows = Open(path);
        var time = rows.Column("exchange_timestamp");
        var received = rows.Column("timestamp");
        var bids = Levels(rows, "bid");
        var asks = Levels(rows, "ask");
        if (bids.Length != asks.Length)
            throw new RecordingException(
                $"{path}:1: the first line names {bids.Length} bid and {asks.Length} ask levels; it must name as many of both."
            );
        var latest = 0L;
        while (rows.Next())
        {
            var fault = rows.WidthFault();
            if (fault is null)
            {
                var (at, got) = Times(rows, time, received, ref fault);
                var bidRows = Side(rows, bids, true, ref fault);
                var askRows = Side(rows, asks, false, ref fault);
                if (fault is null)
                    Watch(at, ref latest);
                if (fault is null && IsAsked(at))
                {
                    Crossed += bidRows is [var bid, ..] && askRows is [var ask, ..] && bid.Px.Raw >= ask.Px.Raw ? 1 : 0;
                    var depth = new Depth(bids.Length, bidRows, askRows);
                    Rows.Add(new(at, BookClass + rows.Line, got, Event.BookMoved(instrument, depth, Instant.Of(at))));
                    HasBook = true;
                }
            }

            Settle(fault);
            Show(rows);
        }
    }

    /// <summary>The lines of one exchange time that follow one another are one update, in either order.</summary>
    public void ReadQuotes(string path)
    {
        var rows = Open(path);
        var (time, received, px, sz, side) = (
            rows.Column("exchange_timestamp"),
            rows.Column("timestamp"),
            rows.Column("price"),
            rows.Column("size"),
            rows.Column("side")
        );
        var open = new Quote();
        var latest = 0L;
        while (rows.Next())
        {
            var fault = rows.WidthFault();
            if (fault is null)
            {
                var (at, got) = Times(rows, time, received, ref fault);
                var size = Size(rows, sz, ref fault, mayBeZero: true);
                var price = size == 0 ? rows.Number(px, ref fault) : Positive(rows, px, ref fault);
                var isBid = SideOf(rows, side, "bid"u8, "ask"u8, ref fault) == Core.Side.Buy;
                if (fault is null)
                {
                    Watch(at, ref latest);
                    if (open.IsFull(at, isBid))
                    {
                        Add(open);
                        open = new Quote();
                    }

                    open.Take(at, got, rows.Line, isBid, price, size);
                }
            }

            Settle(fault);
            Show(rows);
        }

        Add(open);
    }

    /// <summary>The blocks of the venue. One that is not higher than the last was told again, and is dropped.</summary>
    public void ReadBlocks(string path)
    {
        var rows = Open(path);
        var (number, time, name) = (rows.Column("height"), rows.Column("block_time_ms"), rows.Column("proposer"));
        var blocks = new BlockRows();
        while (rows.Next())
        {
            var fault = rows.WidthFault();
            if (fault is null)
            {
                var height = rows.Whole(number, ref fault);
                var at = VenueTime(rows, time, ref fault);
                if (fault is null && height > blocks.Height && at < blocks.At)
                    fault = rows.Fault(time, "this is before the time of the block above");
                if (fault is null && height > blocks.Height)
                    blocks.Take(height, at, blocks.Number(rows.Cell(name)), rows.Line);
            }

            Settle(fault);
            Show(rows);
        }

        Rows.AddRange(blocks.Rows.Where(r => IsAsked(r.At)));
        Proposers.AddRange(blocks.Names);
    }

    private void Add(Quote quote)
    {
        if (!quote.IsAny)
            return;
        lastBid = quote.Bid.IsValueSome ? quote.Bid.Value : lastBid;
        lastAsk = quote.Ask.IsValueSome ? quote.Ask.Value : lastAsk;
        if (!IsAsked(quote.At))
            return;
        Crossed += lastBid.Sz.Raw > 0 && lastAsk.Sz.Raw > 0 && lastBid.Px.Raw >= lastAsk.Px.Raw ? 1 : 0;
        var made = Event.BboMoved(instrument, quote.Bid, quote.Ask, Instant.Of(quote.At));
        Rows.Add(new(quote.At, QuoteClass + quote.Line, quote.Received, made));
        HasQuotes = true;
    }

    private CsvRows Open(string path)
    {
        stop.ThrowIfCancellationRequested();
        opened++;
        return new(path, RecordingFile.ReadAll(path));
    }

    private bool IsAsked(long at) =>
        (options.From is not { } from || at >= from.Ns) && (options.To is not { } to || at < to.Ns);

    private void Settle(string? fault)
    {
        if (fault is null)
            return;
        if (!options.SkipBad)
            throw new RecordingException(fault + " Correct the row, or leave such rows out with --skip-bad.");
        SkippedRows++;
        if (Skipped.Count < MostSentences)
            Skipped.Add(fault);
    }

    private void Show(CsvRows rows)
    {
        if ((rows.Line & 0xFFF) != 0)
            return;
        stop.ThrowIfCancellationRequested();
        progress?.Invoke((opened - 1 + rows.Progress) / files);
    }

    // A book file is in the order of its receipts; a small step back is usual, a large one is a slip worth telling.
    private void Watch(long at, ref long latest)
    {
        PriceRows++;
        SteppedBack += at < latest - StepNs ? 1 : 0;
        latest = Math.Max(latest, at);
    }

    /// <summary>Venue time and receipt. A day between them is a slip of units or of a clock, never a delay.</summary>
    private static (long At, long Got) Times(CsvRows rows, int time, int received, ref string? fault)
    {
        var at = VenueTime(rows, time, ref fault);
        var got = Receipt(rows, received, ref fault);
        if (fault is null && Math.Abs(at - got) > DayNs)
        {
            var days = Math.Abs(at - got) / DayNs is > 1 and var n ? $"{n} days" : "more than a day";
            var where = at < got ? "before" : "after";
            fault = rows.Fault(time, $"this is {days} {where} the receipt in the same row; milliseconds are meant");
        }

        return (at, got);
    }

    private static long VenueTime(CsvRows rows, int column, ref string? fault)
    {
        var ms = rows.Whole(column, ref fault);
        if (fault is null && (ms <= 0 || ms > LatestMs))
            fault = rows.Fault(column, "this is no time in milliseconds since 1970");
        return fault is null ? ms * NanosPerMs : 0;
    }

    private static long Receipt(CsvRows rows, int column, ref string? fault)
    {
        var seconds = rows.Number(column, ref fault);
        if (fault is null && (seconds <= 0 || seconds / 100_000_000 > LatestMs / 1000))
            fault = rows.Fault(column, "this is no time in seconds since 1970");
        return fault is null ? seconds * NanosPerUnit : 0;
    }

    private static long Positive(CsvRows rows, int column, ref string? fault)
    {
        var value = rows.Number(column, ref fault);
        if (fault is null && value <= 0)
            fault = rows.Fault(column, "this must be above 0");
        return value;
    }

    private long Size(CsvRows rows, int column, ref string? fault, bool mayBeZero = false)
    {
        var value = rows.Number(column, ref fault);
        if (fault is null && (value < 0 || (value == 0 && !mayBeZero)))
            fault = rows.Fault(column, mayBeZero ? "this must not be negative" : "this must be above 0");
        if (fault is null)
            SizeDecimals = Math.Max(SizeDecimals, Decimals(value));
        return value;
    }

    private static int Decimals(long raw)
    {
        var decimals = 8;
        while (decimals > 0 && raw % 10 == 0)
        {
            raw /= 10;
            decimals--;
        }

        return decimals;
    }

    private static Side SideOf(
        CsvRows rows,
        int column,
        ReadOnlySpan<byte> buy,
        ReadOnlySpan<byte> sell,
        ref string? fault
    )
    {
        var cell = rows.Cell(column);
        if (cell.SequenceEqual(buy))
            return Core.Side.Buy;
        if (!cell.SequenceEqual(sell))
        {
            var words = $"{System.Text.Encoding.UTF8.GetString(buy)} or {System.Text.Encoding.UTF8.GetString(sell)}";
            fault ??= rows.Fault(column, $"this must be {words}");
        }

        return Core.Side.Sell;
    }

    private static (int Px, int Sz)[] Levels(CsvRows rows, string side)
    {
        var found = new List<(int, int)>();
        while (rows.TryColumn($"{side}_price_{found.Count}") is >= 0 and var px)
            found.Add((px, rows.Column($"{side}_size_{found.Count}")));
        if (found.Count == 0)
            rows.Column($"{side}_price_0");
        return [.. found];
    }

    /// <summary>One side of a book, best first. Empty cells end it; a gap inside it or a wrong order is a fault.</summary>
    private ImmutableArray<PxSz> Side(CsvRows rows, (int Px, int Sz)[] columns, bool isBid, ref string? fault)
    {
        var levels = ImmutableArray.CreateBuilder<PxSz>(columns.Length);
        var last = 0L;
        var ended = false;
        foreach (var (px, sz) in columns)
        {
            if (rows.Cell(px).IsEmpty && rows.Cell(sz).IsEmpty)
            {
                ended = true;
                continue;
            }

            var price = Positive(rows, px, ref fault);
            var size = Size(rows, sz, ref fault);
            if (fault is null && ended)
                fault = rows.Fault(px, "a level follows an empty one");
            if (fault is null && last != 0 && (isBid ? price >= last : price <= last))
                fault = rows.Fault(px, "the levels of a side must be ordered from the best on");
            if (fault is not null)
                return [];
            last = price;
            levels.Add(new(Px.Of(price), Sz.Of(size)));
        }

        return levels.ToImmutable();
    }

    /// <summary>A best quote while its lines come in.</summary>
    private struct Quote
    {
        public long At;
        public long Received;
        public long Line;
        public FSharpValueOption<PxSz> Bid;
        public FSharpValueOption<PxSz> Ask;

        public readonly bool IsAny => Line > 0;

        /// <summary>The next line belongs to another update.</summary>
        public readonly bool IsFull(long at, bool isBid) => IsAny && (at != At || (isBid ? Bid : Ask).IsValueSome);

        public void Take(long at, long received, long line, bool isBid, long px, long sz)
        {
            At = at;
            Received = Math.Max(Received, received);
            Line = Line == 0 ? line : Line;
            var level = FSharpValueOption<PxSz>.Some(new PxSz(Px.Of(px), Sz.Of(sz)));
            if (isBid)
                Bid = level;
            else
                Ask = level;
        }
    }
}
