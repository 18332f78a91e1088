using System.Text;

namespace Vrlg.Shell.Sweep;

/// <summary>
/// The folder of one sweep. What was asked stands in <c>plan.json</c>; every finished point is one line of
/// <c>points.jsonl</c>, there as soon as it is done.
/// </summary>
public sealed class SweepFolder : ResultFolder, IDisposable
{
    /// <summary>What was asked.</summary>
    public const string PlanName = "plan.json";

    /// <summary>Finished points, a line each.</summary>
    public const string PointsName = "points.jsonl";

    private static readonly string[] ours =
    [
        PlanName,
        PointsName,
        "config.effective.toml",
        "sweep.json",
        "results.parquet",
        "report.html",
    ];

    private static readonly FolderKind kind = new(
        "sweep",
        "Use --resume to continue its sweep, --force to write it anew, or another --out.",
        "This sweep has not come to its end. Continue it with --resume.\n",
        name => ours.Contains(name, StringComparer.Ordinal)
    );

    private static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly Lock gate = new();
    private FileStream? points;

    private SweepFolder(string path, string target)
        : base(kind, path, target) { }

    private SweepFolder(string path, bool force)
        : base(kind, path, force) { }

    /// <summary>Makes the folder; with <paramref name="force"/> one beside a sweep folder that is there.</summary>
    public static SweepFolder Create(string path, bool force, string plan)
    {
        var folder = new SweepFolder(path, force);
        folder.Write(PlanName, plan);
        folder.Write(PointsName, "");
        return folder;
    }

    /// <summary>
    /// Opens a sweep that was broken off, or one that came to its end. Where one was being written anew, it is that one.
    /// </summary>
    public static SweepFolder Open(string path)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(path);
        var anew = new SweepFolder(Beside(path), path);
        var folder = anew.HasPlan && !anew.IsComplete ? anew : new SweepFolder(path, path);
        if (!folder.HasPlan)
            throw new RunFolderException($"{path}: no sweep is here to continue. Leave --resume out to begin one.");
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

    /// <summary>The sweep came to its end: its points in order, its marker gone.</summary>
    public void Complete(IEnumerable<string> ordered)
    {
        Dispose();
        Write(PointsName, string.Concat(ordered.Select(line => line + "\n")));
        Finish();
    }

    /// <summary>Closes the list of points.</summary>
    public void Dispose()
    {
        points?.Dispose();
        points = null;
    }

    private bool HasPlan => System.IO.File.Exists(File(PlanName));
}
