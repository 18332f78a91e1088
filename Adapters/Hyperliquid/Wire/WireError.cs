namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A message of the venue that is not what the protocol says.</summary>
/// <param name="Channel">Of the message; <c>?</c> where it names none.</param>
/// <param name="Field">The member that is missing or cannot be read, as a path.</param>
/// <param name="What">What is wrong with it.</param>
public sealed record WireError(string Channel, string Field, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"hyperliquid {Channel}: {Field} {What}";
}
