using System.Collections.Immutable;
using Vrlg.Core;

namespace Vrlg.Adapters.Recordings;

/// <summary>What to read of a recording.</summary>
/// <param name="SkipBad">Leave bad rows out and count them; else the first one is refused.</param>
/// <param name="From">First venue instant to keep; null from the beginning.</param>
/// <param name="To">First venue instant to leave out; null to the end.</param>
public sealed record RecordingOptions(bool SkipBad = false, Instant? From = null, Instant? To = null);

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
        SkippedRows = read.SkippedRows;
        Skipped = [.. read.Skipped];
        SizeDecimals = read.SizeDecimals;
        HasBook = read.HasBook;
        HasQuotes = read.HasQuotes;
        HasTrades = read.HasTrades;
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

    /// <summary>Reads the files of a coin. Throws <see cref="RecordingException"/> with a sentence.</summary>
    public static Recording Read(
        CoinFiles files,
        InstrumentId instrument,
        RecordingOptions options,
        Action<double>? progress,
        CancellationToken stop
    )
    {
        var reader = new RecordingReader(instrument, options, progress, stop);
        if (files.Trades is { } trades)
            reader.ReadTrades(trades);
        if (files.Book is { } book)
            reader.ReadBooks(book);
        if (files.Quotes is { } quotes)
            reader.ReadQuotes(quotes);
        if (reader.Rows.Count == 0)
            throw new RecordingException(
                $"{files.Book ?? files.Quotes}: no record of {files.Coin} lies in the span asked for. Widen --from and --to."
            );
        return new(files.Coin, reader);
    }
}
