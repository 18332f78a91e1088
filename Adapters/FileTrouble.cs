namespace Vrlg.Adapters;

/// <summary>Why a file or folder cannot be used, in words that say what to do next, instead of the runtime's own text.</summary>
public static class FileTrouble
{
    private const int NoSpace = 28; // errno values of Linux
    private const int ReadOnly = 30;
    private const int NoFolder = 20;
    private const int QuotaSpent = 122;

    /// <summary>A clause for after a colon: the reason, a semicolon and the next step; no final stop.</summary>
    public static string Words(Exception e) =>
        e switch
        {
            UnauthorizedAccessException => "access is denied; check its rights or name another",
            FileNotFoundException => "there is no such file; check the name",
            DirectoryNotFoundException => "the folder it should lie in is not there and cannot be made; check the name",
            PathTooLongException => "the name is too long; choose a shorter one",
            IOException { HResult: NoSpace or QuotaSpent } => "the disk is full; make room or name another disk",
            IOException { HResult: ReadOnly } => "the disk is read-only; name another place",
            IOException { HResult: NoFolder } => "a part of the path is a file, not a folder; check the name",
            _ => $"the system says \"{e.Message.TrimEnd('.')}\"; check disk and rights, or name another",
        };

    /// <summary>Whether an exception is about files at all.</summary>
    public static bool IsOne(Exception e) => e is IOException or UnauthorizedAccessException;
}
