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
