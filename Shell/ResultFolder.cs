using Vrlg.Adapters;

namespace Vrlg.Shell;

/// <summary>What a kind of folder is called and holds.</summary>
/// <param name="Noun">What lies in it: a run, a sweep.</param>
/// <param name="Ways">What to do about one that is there already, a clause for after "the folder is there already".</param>
/// <param name="Broken">What its marker says.</param>
/// <param name="Owns">Whether a file of this name is one that this kind of folder may hold.</param>
public sealed record FolderKind(string Noun, string Ways, string Broken, Func<string, bool> Owns);

/// <summary>
/// A folder of results. While they are made, a file <c>INCOMPLETE</c> stands in it; only the end takes it away, so that what
/// was broken off is known as such for ever. What is written anew goes into a folder beside the old one, <c>NAME.new</c>, and
/// takes its place when it is complete; the old one steps aside as <c>NAME.old</c> for that moment. Whatever happens before,
/// the old one stays, and nothing else that bears one of these names is ever touched.
/// </summary>
public abstract class ResultFolder
{
    /// <summary>The marker of what has not come to its end.</summary>
    public const string Marker = "INCOMPLETE";

    private readonly FolderKind kind;
    private readonly string target;

    /// <summary>A folder that is there, or one beside the target which shall take its place.</summary>
    protected ResultFolder(FolderKind kind, string path, string target)
    {
        this.kind = kind;
        Path = path;
        this.target = target;
    }

    /// <summary>A new folder, marked; with <paramref name="force"/> beside one that is there.</summary>
    protected ResultFolder(FolderKind kind, string path, bool force)
    {
        this.kind = kind;
        target = System.IO.Path.TrimEndingDirectorySeparator(path);
        Path = target;
        try
        {
            if (System.IO.File.Exists(target))
                throw new RunFolderException($"{target}: this is a file. Name a folder with --out.");
            if (IsTaken(target))
            {
                if (!force)
                    throw new RunFolderException($"{target}: the folder is there already. {kind.Ways}");
                OnlyOurs(target);
                target = Directory.ResolveLinkTarget(target, returnFinalTarget: true)?.FullName ?? target;
                CanMove();
                Path = Beside(target);
                ClearBroken();
            }

            Directory.CreateDirectory(Path);
            Mark();
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RunFolderException($"{target}: the folder cannot be made: {FileTrouble.Words(e)} with --out.", e);
        }
    }

    /// <summary>Where the files are: as it was named, or beside it until they are complete.</summary>
    public string Path { get; private set; }

    /// <summary>Older results lie where these will be; they stay as they are until then.</summary>
    public bool Replaces => !string.Equals(Path, target, StringComparison.Ordinal);

    /// <summary>Whether its making came to its end.</summary>
    public bool IsComplete => !System.IO.File.Exists(File(Marker));

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Marks it as not to be trusted yet.</summary>
    public void Mark() => System.IO.File.WriteAllText(File(Marker), kind.Broken);

    /// <summary>Writes a file whole or not at all.</summary>
    public void Write(string name, string text)
    {
        try
        {
            WholeFile.Write(File(name), text);
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RunFolderException(
                $"{File(name)}: the file cannot be written: {FileTrouble.Words(e)}. The folder stays marked {Marker}.",
                e
            );
        }
    }

    /// <summary>It came to its end: takes the marker away, and the place of what was there before.</summary>
    protected void Finish()
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
                $"{target}: the {kind.Noun} is complete in {Path}, but cannot be put in its place: {FileTrouble.Words(e)}.",
                e
            );
        }
    }

    /// <summary>Where something is written that shall take the place of a folder.</summary>
    protected static string Beside(string target) => target + ".new";

    private static string Aside(string target) => target + ".old";

    private static bool IsTaken(string path) =>
        Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any();

    // Found before the work, not after it.
    private void CanMove()
    {
        var full = System.IO.Path.GetFullPath(target);
        if (string.Equals(full, Environment.CurrentDirectory, StringComparison.Ordinal))
            throw new RunFolderException(
                $"{target}: this is the current folder, so it cannot be replaced. Go out of it, or name another --out."
            );
        if (Environment.GetLogicalDrives().Contains(full, StringComparer.Ordinal))
            throw new RunFolderException(
                $"{target}: a disk is mounted here, so the folder cannot be replaced. Name a folder in it with --out."
            );
        if (System.IO.Path.Exists(Aside(target)))
            throw new RunFolderException(
                $"{Aside(target)}: this name is needed while the new {kind.Noun} takes the place of the old one. "
                    + "Move it away, or name another --out."
            );
    }

    private void ClearBroken()
    {
        if (!System.IO.Path.Exists(Path))
            return;
        if (IsComplete)
            throw new RunFolderException(
                $"{Path}: the new {kind.Noun} would be written here, and this is none that was broken off. "
                    + "Move it away, or name another --out."
            );
        Clear(Path);
    }

    private void Swap()
    {
        var old = Aside(target);
        var isThere = Directory.Exists(target);
        if (isThere)
            Directory.Move(target, old);
        try
        {
            Directory.Move(Path, target);
        }
        catch (Exception e) when (isThere && FileTrouble.IsOne(e))
        {
            Directory.Move(old, target);
            throw;
        }

        Path = target;
        if (isThere)
            TakeAway(old);
    }

    private void TakeAway(string old)
    {
        try
        {
            Clear(old);
        }
        catch (RunFolderException e)
        {
            throw new RunFolderException(
                $"{old}: the new {kind.Noun} is complete in {target}; the old one holds files of others by now and stays.",
                e
            );
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RunFolderException(
                $"{old}: the new {kind.Noun} is in {target}, but the old one cannot be taken away: {FileTrouble.Words(e)}.",
                e
            );
        }
    }

    private void Clear(string path)
    {
        foreach (var entry in OnlyOurs(path))
            System.IO.File.Delete(entry);
        Directory.Delete(path);
    }

    // Only files of its kind are taken away; a folder with anything else in it is left alone.
    private List<string> OnlyOurs(string path)
    {
        var entries = Directory.EnumerateFileSystemEntries(path).ToList();
        foreach (var entry in entries)
        {
            if (!IsOurs(System.IO.Path.GetFileName(entry)) || Directory.Exists(entry))
                throw new RunFolderException(
                    $"{entry}: this is no file of a {kind.Noun}, so the folder is not overwritten. Name another --out."
                );
        }

        return entries;
    }

    private bool IsOurs(string name)
    {
        var whole =
            name.EndsWith(".part", StringComparison.Ordinal) ? name[..^5]
            : name.EndsWith(".new", StringComparison.Ordinal) ? name[..^4]
            : name;
        return whole == Marker || kind.Owns(whole);
    }
}
