namespace Vrlg.Adapters.Recordings;

/// <summary>A recording that cannot be used. The message is the sentence for people: what, where, what to do next.</summary>
public sealed class RecordingException : Exception
{
    /// <summary>With the sentence.</summary>
    public RecordingException(string sentence)
        : base(sentence) { }

    /// <summary>With the sentence and what caused it.</summary>
    public RecordingException(string sentence, Exception cause)
        : base(sentence, cause) { }
}
