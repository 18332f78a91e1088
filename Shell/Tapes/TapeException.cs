namespace Vrlg.Shell.Tapes;

/// <summary>A native market-data file that cannot be made or used. The message is the sentence for people.</summary>
public sealed class TapeException : Exception
{
    /// <summary>With the sentence.</summary>
    public TapeException(string sentence)
        : base(sentence) { }

    /// <summary>With the sentence and what caused it.</summary>
    public TapeException(string sentence, Exception cause)
        : base(sentence, cause) { }
}
