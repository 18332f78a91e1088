using System.Security.Cryptography;
using System.Text;

namespace Vrlg.Shell;

/// <summary>A run folder that cannot be made or used. The message is the sentence for people.</summary>
public sealed class RunFolderException : Exception
{
    /// <summary>With the sentence.</summary>
    public RunFolderException(string sentence)
        : base(sentence) { }

    /// <summary>With the sentence and what caused it.</summary>
    public RunFolderException(string sentence, Exception cause)
        : base(sentence, cause) { }
}

/// <summary>
/// The folder of one run. While the run goes, a file <c>INCOMPLETE</c> stands in it; only <see cref="Complete"/> takes it
/// away, so that a run which was broken off is known as such for ever.
/// </summary>
public sealed class RunFolder
{
    /// <summary>The marker of a run that has not come to its end.</summary>
    public const string Marker = "INCOMPLETE";

    private static readonly string[] ours =
    [
        Marker,
        "config.effective.toml",
        "fills.csv",
        "orders.csv",
        "trades.csv",
        "series.csv",
        "summary.json",
        "report.html",
        "log",
    ];

    private RunFolder(string path) => Path = path;

    /// <summary>The folder as it was named.</summary>
    public string Path { get; }

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder, or with <paramref name="force"/> clears a run folder that is there.</summary>
    public static RunFolder Create(string path, bool force)
    {
        try
        {
            if (System.IO.File.Exists(path))
                throw new RunFolderException($"{path}: this is a file. Name a folder with --out.");
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            {
                if (!force)
                    throw new RunFolderException(
                        $"{path}: the folder is there already. Use --force to write the run anew, or another --out."
                    );
                Clear(path);
            }

            Directory.CreateDirectory(path);
            var folder = new RunFolder(path);
            System.IO.File.WriteAllText(
                folder.File(Marker),
                "This run has not come to its end: its files are not to be trusted.\n"
            );
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException($"{path}: the folder cannot be written ({e.Message}). Name another --out.", e);
        }
    }

    /// <summary>Opens a folder that holds a journal.</summary>
    public static RunFolder Open(string path)
    {
        if (!Directory.Exists(path))
            throw new RunFolderException(
                $"{path}: there is no such run folder. Name a folder that a back-test or a demo wrote."
            );
        return new(path);
    }

    /// <summary>Whether the run came to its end.</summary>
    public bool IsComplete => !System.IO.File.Exists(File(Marker));

    /// <summary>Journal segments in order. Throws when there is none or one is missing in between.</summary>
    public IReadOnlyList<string> Segments()
    {
        var found = Directory.EnumerateFiles(Path, "journal-*.vj").Order(StringComparer.Ordinal).ToList();
        if (found.Count == 0)
            throw new RunFolderException($"{Path}: no journal is here (journal-000001.vj). Name a whole run folder.");
        for (var i = 0; i < found.Count; i++)
        {
            var name = JournalWriter.SegmentName(i + 1);
            if (System.IO.Path.GetFileName(found[i]) != name)
                throw new RunFolderException(
                    $"{File(name)}: this segment of the journal is missing, while later ones are there."
                );
        }

        return found;
    }

    /// <summary>SHA-256 over all segments in order, lower-case hexadecimal.</summary>
    public string JournalSha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var segment in Segments())
            hash.AppendData(System.IO.File.ReadAllBytes(segment));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Writes a file whole or not at all.</summary>
    public void Write(string name, string text)
    {
        var part = File(name + ".part");
        System.IO.File.WriteAllBytes(part, new UTF8Encoding(false).GetBytes(text));
        System.IO.File.Move(part, File(name), overwrite: true);
    }

    /// <summary>The run came to its end: takes the marker away.</summary>
    public void Complete() => System.IO.File.Delete(File(Marker));

    // Only files that a run writes are taken away; a folder with anything else in it is left alone.
    private static void Clear(string path)
    {
        var entries = Directory.EnumerateFileSystemEntries(path).ToList();
        foreach (var entry in entries)
        {
            var name = System.IO.Path.GetFileName(entry);
            if (!IsOurs(name) || Directory.Exists(entry))
                throw new RunFolderException(
                    $"{entry}: this is no file of a run, so the folder is not overwritten. Name another --out."
                );
        }

        foreach (var entry in entries)
            System.IO.File.Delete(entry);
    }

    private static bool IsOurs(string name)
    {
        var whole = name.EndsWith(".part", StringComparison.Ordinal) ? name[..^5] : name;
        return ours.Contains(whole, StringComparer.Ordinal)
            || (
                name.StartsWith("journal-", StringComparison.Ordinal) && name.EndsWith(".vj", StringComparison.Ordinal)
            );
    }
}
