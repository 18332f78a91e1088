using System.Security.Cryptography;
using System.Text;
using Vrlg.Adapters;

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

    /// <summary>The folder is a run's, but a part of its journal is lost.</summary>
    public bool IsDamage { get; init; }
}

/// <summary>
/// The folder of one run. While the run goes, a file <c>INCOMPLETE</c> stands in it; only <see cref="Complete"/> takes it
/// away, so that a run which was broken off is known as such for ever. A run that is written anew goes into a folder beside
/// the old one, <c>NAME.new</c>, and takes its place when it is complete: whatever happens before, the old run stays.
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
        "phase.csv",
        "summary.json",
        "report.html",
        "log",
    ];

    private readonly string target;

    private RunFolder(string path, string target)
    {
        Path = path;
        this.target = target;
    }

    /// <summary>Where the run's files are: as it was named, or beside it until the run is complete.</summary>
    public string Path { get; private set; }

    /// <summary>An older run lies where this one will be; it stays as it is until then.</summary>
    public bool Replaces => !string.Equals(Path, target, StringComparison.Ordinal);

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder; with <paramref name="force"/> one beside a run folder that is there.</summary>
    public static RunFolder Create(string path, bool force)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(path);
        try
        {
            if (System.IO.File.Exists(path))
                throw new RunFolderException($"{path}: this is a file. Name a folder with --out.");
            if (IsTaken(path))
            {
                if (!force)
                    throw new RunFolderException(
                        $"{path}: the folder is there already. Use --force to write the run anew, or another --out."
                    );
                OnlyOurs(path);
            }

            var folder = new RunFolder(IsTaken(path) ? path + ".new" : path, path);
            Clear(folder.Path);
            Directory.CreateDirectory(folder.Path);
            System.IO.File.WriteAllText(
                folder.File(Marker),
                "This run has not come to its end: its files are not to be trusted.\n"
            );
            return folder;
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RunFolderException($"{path}: the folder cannot be made: {FileTrouble.Words(e)} with --out.", e);
        }
    }

    /// <summary>Opens a folder that holds a journal.</summary>
    public static RunFolder Open(string path)
    {
        if (!Directory.Exists(path))
        {
            var what = System.IO.File.Exists(path) ? "this is a file, not a run folder" : "there is no such run folder";
            throw new RunFolderException($"{path}: {what}. Name a folder that a back-test or a demo wrote.");
        }

        return new(path, path);
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

    /// <summary>Writes a file whole or not at all.</summary>
    public void Write(string name, string text)
    {
        try
        {
            var part = File(name + ".part");
            System.IO.File.WriteAllBytes(part, new UTF8Encoding(false).GetBytes(text));
            System.IO.File.Move(part, File(name), overwrite: true);
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RunFolderException(
                $"{File(name)}: the file cannot be written: {FileTrouble.Words(e)}. The folder stays marked {Marker}.",
                e
            );
        }
    }

    /// <summary>The run came to its end: takes the marker away, and the place of an older run.</summary>
    public void Complete()
    {
        try
        {
            System.IO.File.Delete(File(Marker));
            if (Replaces)
                Swap();
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RunFolderException(
                $"{target}: the run is complete in {Path}, but cannot be put in its place: {FileTrouble.Words(e)}.",
                e
            );
        }
    }

    private void Swap()
    {
        var old = target + ".old";
        Clear(old);
        if (Directory.Exists(target))
            Directory.Move(target, old);
        Directory.Move(Path, target);
        Path = target;
        Clear(old);
    }

    private static bool IsTaken(string path) =>
        Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any();

    /// <summary>Takes a run folder away, if there is one.</summary>
    private static void Clear(string path)
    {
        if (!Directory.Exists(path))
            return;
        foreach (var entry in OnlyOurs(path))
            System.IO.File.Delete(entry);
        Directory.Delete(path);
    }

    // Only files that a run writes are taken away; a folder with anything else in it is left alone.
    private static List<string> OnlyOurs(string path)
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

        return entries;
    }

    private static bool IsOurs(string name)
    {
        var whole =
            name.EndsWith(".part", StringComparison.Ordinal) ? name[..^5]
            : name.EndsWith(".new", StringComparison.Ordinal) ? name[..^4]
            : name;
        return ours.Contains(whole, StringComparer.Ordinal)
            || (
                name.StartsWith("journal-", StringComparison.Ordinal) && name.EndsWith(".vj", StringComparison.Ordinal)
            );
    }
}
