using System.Collections.Immutable;
using System.Text;
using Vrlg.Core;

namespace Vrlg.Shell.Tapes;

/// <summary>What stands at the head of a native file.</summary>
/// <param name="Coins">The instruments by their place in the run's table.</param>
/// <param name="SizeDecimals">Most decimals seen in a size.</param>
/// <param name="RepeatedTrades">Trades dropped on the way in because their id was there already.</param>
/// <param name="SkippedRows">Bad rows left out on the way in.</param>
/// <param name="SteppedBack">Rows of books or best quotes that stepped back in venue time and were sorted in.</param>
/// <param name="Crossed">Records whose bid was not below the ask.</param>
public sealed record TapeHead(
    ImmutableArray<string> Coins,
    int SizeDecimals,
    int RepeatedTrades = 0,
    int SkippedRows = 0,
    int SteppedBack = 0,
    int Crossed = 0
)
{
    private const int MostCoins = 1 << 16;

    internal void Write(ByteSink into)
    {
        into.Whole((ulong)Coins.Length);
        foreach (var coin in Coins)
        {
            var text = Encoding.UTF8.GetBytes(coin);
            into.Whole((ulong)text.Length);
            into.Raw(text);
        }

        into.Whole((ulong)SizeDecimals);
        into.Whole((ulong)RepeatedTrades);
        into.Whole((ulong)SkippedRows);
        into.Whole((ulong)SteppedBack);
        into.Whole((ulong)Crossed);
    }

    internal static TapeHead Read(ReadOnlySpan<byte> body)
    {
        var from = new Unpacker(body);
        var coins = ImmutableArray.CreateBuilder<string>();
        for (var left = from.Count(MostCoins); left > 0; left--)
            coins.Add(from.Text());
        return new(
            coins.ToImmutable(),
            from.Count(8),
            from.Count(int.MaxValue),
            from.Count(int.MaxValue),
            from.Count(int.MaxValue),
            from.Count(int.MaxValue)
        );
    }
}

/// <summary>What stands at the end of a native file: a file without it was cut, or is being written.</summary>
/// <param name="Records">Records of all blocks.</param>
/// <param name="Levels">Levels of whole books and sides of best quotes, besides one for each other record.</param>
/// <param name="Books">Whole books.</param>
/// <param name="Quotes">Best quotes.</param>
/// <param name="Trades">Trades.</param>
/// <param name="From">Venue instant of the first record, nanoseconds since 1970.</param>
/// <param name="To">Venue instant of the last one.</param>
public sealed record TapeTotals(long Records, long Levels, long Books, long Quotes, long Trades, long From, long To)
{
    /// <summary>Nothing yet.</summary>
    public static TapeTotals None { get; } = new(0, 0, 0, 0, 0, 0, 0);

    internal void Write(ByteSink into)
    {
        foreach (var n in new[] { Records, Levels, Books, Quotes, Trades, From, To })
            into.Int(n);
    }

    internal static TapeTotals Read(ReadOnlySpan<byte> body)
    {
        var from = new Unpacker(body);
        return new(
            from.Signed(),
            from.Signed(),
            from.Signed(),
            from.Signed(),
            from.Signed(),
            from.Signed(),
            from.Signed()
        );
    }
}
