namespace Vrlg.Shell.Conformance;

/// <summary>Something that a venue answers otherwise than the protocol reference says.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Where">The member, as a path; or what else of the answer.</param>
/// <param name="Expected">What the reference says.</param>
/// <param name="Got">What came.</param>
public sealed record Difference(string Request, string Where, string Expected, string Got);

/// <summary>What became of a run.</summary>
/// <param name="Asked">Requests, subscriptions and actions that were answered or should have been.</param>
/// <param name="WithKey">Of them, actions of the account's own key.</param>
/// <param name="Differences">None: the venue is as the reference says.</param>
/// <param name="Unreachable">Why the venue could not be asked; null where it could.</param>
public sealed record ConformanceResult(
    int Asked,
    int WithKey,
    IReadOnlyList<Difference> Differences,
    string? Unreachable = null
);
