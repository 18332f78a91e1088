using System.Security.Cryptography;

namespace Vrlg.Shell;

/// <summary>The folder of one run.</summary>
public sealed class RunFolder : ResultFolder
{
    private static readonly string[] ours =
    [
        "config.effective.toml",
        "fills.csv",
        "orders.csv",
        "trades.csv",
        "series.csv",
        "phase.csv",
        "summary.json",
        "report.html",
        "gate.json",
        "log",
    ];

    private static readonly FolderKind kind = new(
        "run",
        "Use --force to write the run anew, or another --out.",
        "This run has not come to its end: its files are not to be trusted.\n",
        name =>
            ours.Contains(name, StringComparer.Ordinal)
            || (name.StartsWith("journal-", StringComparison.Ordinal) && name.EndsWith(".vj", StringComparison.Ordinal))
    );

    private RunFolder(string path)
        : base(kind, path, path) { }

    private RunFolder(string path, bool force)
        : base(kind, path, force) { }

    /// <summary>Makes the folder; with <paramref name="force"/> one beside a run folder that is there.</summary>
    public static RunFolder Create(string path, bool force) => new(path, force);

    /// <summary>Opens a folder that holds a journal.</summary>
    public static RunFolder Open(string path)
    {
        if (!Directory.Exists(path))
        {
            var what = System.IO.File.Exists(path) ? "this is a file, not a run folder" : "there is no such run folder";
            throw new RunFolderException($"{path}: {what}. Name a folder that a back-test or a demo wrote.");
        }

        return new(path);
    }

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
                    $"{File(name)}: this segment of the journal is missing, while later ones are there. "
                        + "Copy the whole run folder again from where the run was made, or make the run again."
                )
                {
                    IsDamage = true,
                };
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

    /// <summary>The run came to its end: takes the marker away, and the place of an older run.</summary>
    public void Complete() => Finish();
}
