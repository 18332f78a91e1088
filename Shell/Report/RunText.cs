using Vrlg.Adapters;

namespace Vrlg.Shell.Report;

/// <summary>A file of a run as text, or a sentence why it cannot be read.</summary>
internal static class RunText
{
    internal static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ReportException(
                $"{path}: the file is missing, so the report cannot be drawn. "
                    + "Run the back-test again, or name a whole run folder.",
                e
            );
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new ReportException($"{path}: the file cannot be read: {FileTrouble.Words(e)}.", e);
        }
    }
}
