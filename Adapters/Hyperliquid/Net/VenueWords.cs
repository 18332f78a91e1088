using System.Text.RegularExpressions;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>
/// The venue's words for sentences of ours: what it repeats of a request may be a signed one, and no signature stands in a journal or a
/// log.
/// </summary>
internal static partial class VenueWords
{
    private const int Most = 200;

    /// <summary>The text, one line of 200 characters at most; half of a signature, or a hash, is left out.</summary>
    public static string Of(string text)
    {
        var words = Secret().Replace(text, "…").ReplaceLineEndings(" ").Trim();
        return words.Length > Most ? words[..Most] : words;
    }

    // Halves that begin with zeros may be written shorter; an address has 40 digits.
    [GeneratedRegex("[0-9a-fA-F]{48,}")]
    private static partial Regex Secret();
}
