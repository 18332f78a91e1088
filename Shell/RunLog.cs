using Serilog;
using Serilog.Core;
using Serilog.Formatting.Compact;

namespace Vrlg.Shell;

/// <summary>The log of a run: one JSON object a line in the file <c>log</c> of its folder. It alone may hold wall-clock time.</summary>
public static class RunLog
{
    /// <summary>Opens the log of a folder. Dispose it to write what is left.</summary>
    public static Logger Open(RunFolder folder) =>
        new LoggerConfiguration()
            .WriteTo.File(new CompactJsonFormatter(), folder.File("log"), fileSizeLimitBytes: null)
            .CreateLogger();
}
