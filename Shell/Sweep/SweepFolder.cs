using System.Text;
using Vrlg.Adapters;

namespace Vrlg.Shell.Sweep;

/// <summary>
/// The folder of one sweep. What was asked stands in <c>plan.json</c>; every finished point is one line of
/// <c>points.jsonl</c>, there as soon as it is done. While the sweep goes a file <c>INCOMPLETE</c> stands beside them.
/// </summary>
public sealed class SweepFolder : IDisposable
{
    /// <summary>What was asked.</summary>
    public const string PlanName = "plan.json";

    /// <summary>Finished points, a line each.</summary>
    public const string PointsName = "points.jsonl";

    private static readonly string[] ours =
    [
        RunFolder.Marker,
        PlanName,
        PointsName,
        "config.effective.toml",
        "sweep.json",
        "results.parquet",
        "report.html",
    ];

    private static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly Lock gate = new();
    private FileStream? points;

    private SweepFolder(string path) => Path = path;

    /// <summary>The folder as it was named.</summary>
    public string Path { get; }

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder, or with <paramref name="force"/> clears a sweep folder that is there.</summary>
    public static SweepFolder Create(string path, bool force, string plan)
    {
        try
        {
            if (System.IO.File.Exists(path))
                throw new RunFolderException($"{path}: this is a file. Name a folder with --out.");
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            {
                if (!force)
                    throw new RunFolderException(
                        $"{path}: the folder is there already. Use --resume to continue its sweep, --force to write it anew, or another --out."
                    );
                Clear(path);
            }

            Directory.CreateDirectory(path);
            var folder = new SweepFolder(path);
            folder.Mark();
            folder.Write(PlanName, plan);
            System.IO.File.WriteAllBytes(folder.File(PointsName), []);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException(
                $"{path}: the folder cannot be written: {FileTrouble.Words(e)} with --out.",
                e
            );
        }
    }

    /// <summary>Opens a sweep that was broken off, or one that came to its end.</summary>
    public static SweepFolder Open(string path)
    {
        var folder = new SweepFolder(path);
        if (!System.IO.File.Exists(folder.File(PlanName)))
            throw new RunFolderException($"{path}: no sweep is here to continue. Leave --resume out to begin one.");
        folder.Mark();
        return folder;
    }

    /// <summary>The text of the plan that the folder was made for.</summary>
    public string ReadPlan() => System.IO.File.ReadAllText(File(PlanName), utf8);

    /// <summary>The finished points. A last line that was not written to its end is taken away.</summary>
    public IReadOnlyList<string> ReadPoints()
    {
        var bytes = System.IO.File.Exists(File(PointsName)) ? System.IO.File.ReadAllBytes(File(PointsName)) : [];
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        if (whole < bytes.Length)
        {
            using var cut = new FileStream(File(PointsName), FileMode.Open, FileAccess.Write);
            cut.SetLength(whole);
        }

        return utf8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Adds a finished point; it is with the system when this returns. Any thread may call.</summary>
    public void Append(string line)
    {
        lock (gate)
        {
            points ??= new FileStream(File(PointsName), FileMode.Append, FileAccess.Write, FileShare.Read);
            points.Write(utf8.GetBytes(line + "\n"));
            points.Flush();
        }
    }

    /// <summary>Writes a file whole or not at all.</summary>
    public void Write(string name, string text)
    {
        var part = File(name + ".part");
        System.IO.File.WriteAllBytes(part, utf8.GetBytes(text));
        System.IO.File.Move(part, File(name), overwrite: true);
    }

    /// <summary>The sweep came to its end: its points in order, its marker gone.</summary>
    public void Complete(IEnumerable<string> ordered)
    {
        Dispose();
        Write(PointsName, string.Concat(ordered.Select(line => line + "\n")));
        System.IO.File.Delete(File(RunFolder.Marker));
    }

    /// <summary>Closes the list of points.</summary>
    public void Dispose()
    {
        points?.Dispose();
        points = null;
    }

    private void Mark() =>
        System.IO.File.WriteAllText(
            File(RunFolder.Marker),
            "This sweep has not come to its end. Continue it with --resume.\n"
        );

    // Only files that a sweep writes are taken away; a folder with anything else in it is left alone.
    private static void Clear(string path)
    {
        var entries = Directory.EnumerateFileSystemEntries(path).ToList();
        foreach (var entry in entries)
        {
            var name = System.IO.Path.GetFileName(entry);
            var known = name.EndsWith(".part", StringComparison.Ordinal) ? name[..^5] : name;
            if (!ours.Contains(known) || Directory.Exists(entry))
                throw new RunFolderException(
                    $"{entry}: this is no file of a sweep, so the folder is not overwritten. Name another --out."
                );
        }

        foreach (var entry in entries)
            System.IO.File.Delete(entry);
    }
}
