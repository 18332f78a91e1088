namespace Vrlg.Shell.LocalVenue;

/// <summary>The local venue did not open; the sentence says why.</summary>
public sealed class VenueException : Exception
{
    /// <summary>With no sentence.</summary>
    public VenueException() { }

    /// <summary>With a sentence.</summary>
    public VenueException(string message)
        : base(message) { }

    /// <summary>With a sentence and what caused it.</summary>
    public VenueException(string message, Exception inner)
        : base(message, inner) { }

    /// <summary>The port is taken, rather than something named by the caller wrong.</summary>
    public bool IsPortTaken { get; init; }
}
