using System.Collections.Immutable;
using Vrlg.Core;

namespace Vrlg.Adapters.Recordings;

/// <summary>
/// A recording of one coin in venue order: by exchange time; at one exchange time trades, then books, then best quotes;
/// inside a file by line.
/// </summary>
public sealed class Recording
{
    internal Recording(string coin, RecordingReader read)
    {
        Coin = coin;
        var rows = read.Rows;
        rows.Sort(static (a, b) => a.At != b.At ? a.At.CompareTo(b.At) : a.Order.CompareTo(b.Order));
        var first = rows.Find(static r => r.Event.Instrument.Index >= 0 && r.Event.Kind != EventKind.Traded).At;
        BlockRows.Within(rows, first);
        OlderTrades = rows.FindIndex(r => r.At == first);
        VenueAt = new long[rows.Count];
        RecvAt = new long[rows.Count];
        Events = new Event[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            VenueAt[i] = rows[i].At;
            RecvAt[i] = rows[i].Received;
            Events[i] = rows[i].Event;
        }

        RepeatedTrades = read.RepeatedTrades;
        SteppedBack = read.SteppedBack;
        Crossed = read.Crossed;
        SkippedRows = read.SkippedRows;
        Skipped = [.. read.Skipped];
        SizeDecimals = read.SizeDecimals;
        HasBook = read.HasBook;
        HasQuotes = read.HasQuotes;
        HasTrades = read.HasTrades;
        Proposers = [.. read.Proposers];
    }

    /// <summary>The coin as the files name it.</summary>
    public string Coin { get; }

    /// <summary>Venue instants, nanoseconds since 1970.</summary>
    public long[] VenueAt { get; }

    /// <summary>Recorded receipts, nanoseconds since 1970.</summary>
    public long[] RecvAt { get; }

    /// <summary>The records as events.</summary>
    public Event[] Events { get; }

    /// <summary>Trades dropped because their id was there already.</summary>
    public int RepeatedTrades { get; }

    /// <summary>
    /// Records at the head that are trades older than the first book or best quote: the venue sends recent trades again when
    /// a recorder connects. Without prices they mean nothing, so a run begins behind them.
    /// </summary>
    public int OlderTrades { get; }

    /// <summary>Rows of books and best quotes whose venue time is more than 1 s before that of a row above them.</summary>
    public int SteppedBack { get; }

    /// <summary>Books and best quotes whose bid is not below their ask.</summary>
    public int Crossed { get; }

    /// <summary>Bad rows left out.</summary>
    public int SkippedRows { get; }

    /// <summary>The sentences of the first twenty bad rows.</summary>
    public ImmutableArray<string> Skipped { get; }

    /// <summary>Most decimals seen in a size.</summary>
    public int SizeDecimals { get; }

    /// <summary>Whole books were recorded.</summary>
    public bool HasBook { get; }

    /// <summary>Best quotes were recorded.</summary>
    public bool HasQuotes { get; }

    /// <summary>Trades were recorded.</summary>
    public bool HasTrades { get; }

    /// <summary>Names of the proposers of blocks, by the numbers that the events hold.</summary>
    public ImmutableArray<string> Proposers { get; }

    /// <summary>Reads the files of a coin. Throws <see cref="RecordingException"/> with a sentence.</summary>
    public static Recording Read(
        CoinFiles files,
        InstrumentId instrument,
        RecordingOptions options,
        Action<double>? progress,
        CancellationToken stop
    )
    {
        var present = new[] { files.Trades, files.Book, files.Quotes, files.Blocks }.Count(f => f is not null);
        var reader = new RecordingReader(instrument, options, present, progress, stop);
        if (files.Trades is { } trades)
            reader.ReadTrades(trades);
        if (files.Book is { } book)
            reader.ReadBooks(book);
        if (files.Quotes is { } quotes)
            reader.ReadQuotes(quotes);
        if (files.Blocks is { } blocks)
            reader.ReadBlocks(blocks);
        return reader.HasBook || reader.HasQuotes ? new(files.Coin, reader) : throw NoPrices(files, options, reader);
    }

    private static RecordingException NoPrices(CoinFiles files, RecordingOptions options, RecordingReader reader)
    {
        var where =
            files.Book is null || files.Quotes is null
                ? $"{files.Book ?? files.Quotes}"
                : $"{files.Book} and {Path.GetFileName(files.Quotes)}";
        if (reader.PriceRows > 0 && (options.From is not null || options.To is not null))
            return new($"{where}: no book and no best quote lies in the span asked for. Widen --from and --to.");
        var left = reader.SkippedRows > 0 ? $" ({reader.SkippedRows} bad rows were left out)" : "";
        return new($"{where}: there is no record of a book or a best quote{left}. Record the coin again.");
    }

    /// <summary>Whether every price of a record is one that the venue's rules allow for this instrument.</summary>
    public static bool IsOnGrid(Instrument instrument, ref readonly Event e)
    {
        switch (e.Kind)
        {
            case EventKind.Traded:
                return InstrumentModule.isValidPx(instrument, e.Px);
            case EventKind.BboMoved:
                return (!e.HasBid || e.BidSz.Raw == 0 || InstrumentModule.isValidPx(instrument, e.BidPx))
                    && (!e.HasAsk || e.AskSz.Raw == 0 || InstrumentModule.isValidPx(instrument, e.AskPx));
            case EventKind.BookMoved:
                return e.Depth is not { } depth
                    || (AreOnGrid(instrument, depth.Bids) && AreOnGrid(instrument, depth.Asks));
            default:
                return true;
        }
    }

    private static bool AreOnGrid(Instrument instrument, ImmutableArray<PxSz> levels)
    {
        foreach (var level in levels)
        {
            if (!InstrumentModule.isValidPx(instrument, level.Px))
                return false;
        }

        return true;
    }
}
