namespace Vrlg.Shell.Report;

/// <summary>
/// A run folder cannot be shown. The message is a sentence: which file and line, what is wrong, what to do.
/// </summary>
public sealed class ReportException : Exception
{
    /// <summary>A refusal without a sentence; kept for tools that expect this constructor.</summary>
    public ReportException() { }

    /// <summary>A refusal with its sentence.</summary>
    public ReportException(string message)
        : base(message) { }

    /// <summary>A refusal with its sentence and the fault behind it.</summary>
    public ReportException(string message, Exception inner)
        : base(message, inner) { }
}
