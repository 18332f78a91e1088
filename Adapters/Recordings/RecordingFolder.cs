using System.Collections.Immutable;

namespace Vrlg.Adapters.Recordings;

/// <summary>The files of one coin in a folder of recordings; a channel that was not recorded is null.</summary>
public sealed record CoinFiles(string Coin, string? Book, string? Quotes, string? Trades, string? Blocks = null)
{
    /// <summary>Books or best quotes are there: without both nothing can be replayed.</summary>
    public bool HasPrices => Book is not null || Quotes is not null;
}

/// <summary>
/// A folder of recordings: <c>l2_COIN</c>, <c>bbo_COIN</c>, <c>trades_COIN</c>, <c>blocks_COIN</c>, and <c>blocks</c> for every
/// coin without one of its own; each <c>.csv</c> or <c>.csv.gz</c>.
/// </summary>
public sealed class RecordingFolder
{
    private static readonly string[] channels = ["l2", "bbo", "trades", "blocks"];
    private const string EveryCoin = "";

    private RecordingFolder(string path, ImmutableArray<CoinFiles> coins)
    {
        Path = path;
        Coins = coins;
    }

    /// <summary>The folder as it was named.</summary>
    public string Path { get; }

    /// <summary>Coins present, by name.</summary>
    public ImmutableArray<CoinFiles> Coins { get; }

    /// <summary>Lists a folder. Throws <see cref="RecordingException"/> when it holds nothing that can be replayed.</summary>
    public static RecordingFolder Scan(string path)
    {
        if (!Directory.Exists(path))
        {
            var what = File.Exists(path) ? "this is a file, not a folder" : "there is no such folder";
            throw new RecordingException(
                $"{path}: {what}. Name a folder that holds l2_COIN.csv.gz, bbo_COIN.csv.gz or trades_COIN.csv.gz."
            );
        }

        var found = new SortedDictionary<string, string?[]>(StringComparer.Ordinal);
        try
        {
            foreach (var file in Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal))
                Take(found, file);
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RecordingException($"{path}: the folder cannot be read: {FileTrouble.Words(e)}.", e);
        }

        var blocks = found.GetValueOrDefault(EveryCoin)?[3];
        var coins = found
            .Select(f => new CoinFiles(f.Key, f.Value[0], f.Value[1], f.Value[2], f.Value[3] ?? blocks))
            .Where(c => c.HasPrices)
            .ToImmutableArray();
        if (coins.IsEmpty)
            throw new RecordingException(
                $"{path}: no recording is here. A folder must hold l2_COIN or bbo_COIN as .csv or .csv.gz."
            );
        return new(path, coins);
    }

    /// <summary>The files of a coin; without a name, of the only one. Throws with the coins present.</summary>
    public CoinFiles Find(string? coin)
    {
        var present = string.Join(", ", Coins.Select(c => c.Coin));
        if (coin is null)
        {
            return Coins.Length == 1
                ? Coins[0]
                : throw new RecordingException($"{Path}: several coins are here: {present}. Choose one with --coin.");
        }

        return Coins.FirstOrDefault(c => string.Equals(c.Coin, coin, StringComparison.OrdinalIgnoreCase))
            ?? throw new RecordingException($"{Path}: there is no recording of {coin} here; present: {present}.");
    }

    private static void Take(SortedDictionary<string, string?[]> found, string file)
    {
        var name = System.IO.Path.GetFileName(file);
        var bare =
            name.EndsWith(".csv.gz", StringComparison.Ordinal) ? name[..^7]
            : name.EndsWith(".csv", StringComparison.Ordinal) ? name[..^4]
            : "";
        var mark = bare.IndexOf('_', StringComparison.Ordinal);
        var isOfAll = bare == channels[3];
        var channel =
            isOfAll ? 3
            : mark < 0 ? -1
            : Array.IndexOf(channels, bare[..mark]);
        if (channel < 0 || mark + 1 == bare.Length)
            return;
        if (Directory.Exists(file))
            throw new RecordingException(
                $"{file}: this is a folder, but by its name it should be a recorded file. Rename it or take it away."
            );
        var coin = isOfAll ? EveryCoin : bare[(mark + 1)..];
        if (!found.TryGetValue(coin, out var files))
            found[coin] = files = new string?[channels.Length];
        if (files[channel] is { } other)
            throw new RecordingException($"{other} and {name} hold the same channel. Keep one of them in the folder.");
        files[channel] = file;
    }
}
