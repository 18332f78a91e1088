using System.Globalization;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>
/// What an error frame of the venue is about (protocol 6.1). <paramref name="Words"/>: its text without what it repeats of the
/// request, which may be a signed one.
/// </summary>
internal abstract record VenueComplaint(string Words)
{
    private const string Pending = "too many pending post requests id=";

    /// <summary>The subscription stands already.</summary>
    internal sealed record Stands(Subscription Subscription, string Words) : VenueComplaint(Words);

    /// <summary>The subscription is not wanted.</summary>
    internal sealed record Unwanted(Subscription Subscription, string Words) : VenueComplaint(Words);

    /// <summary>Too many accounts are followed.</summary>
    internal sealed record TooManyUsers(string Words) : VenueComplaint(Words);

    /// <summary>Too many requests wait.</summary>
    internal sealed record TooManyPosts(long Id, string Words) : VenueComplaint(Words);

    /// <summary>Anything else.</summary>
    internal sealed record Other(string Words) : VenueComplaint(Words);

    /// <summary>Reads the text of an error frame.</summary>
    public static VenueComplaint Read(string text)
    {
        var at = text.IndexOf('{', StringComparison.Ordinal);
        var words = (at < 0 ? text : text[..at]).Trim().TrimEnd(':');
        words = words.Length > 200 ? words[..200] : words;
        if (text.StartsWith("Cannot track more than", StringComparison.Ordinal))
            return new TooManyUsers(words);
        if (text.StartsWith(Pending, StringComparison.Ordinal) && IdOf(text[Pending.Length..]) is { } id)
            return new TooManyPosts(id, words);
        if (at < 0 || Asked(text[at..]) is not { } subscription)
            return new Other(words);
        if (text.StartsWith("Already subscribed", StringComparison.Ordinal))
            return new Stands(subscription, words);
        return text.StartsWith("Invalid subscription", StringComparison.Ordinal)
            ? new Unwanted(subscription, words)
            : new Other(words);
    }

    private static long? IdOf(string text)
    {
        var end = 0;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return long.TryParse(text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    private static Subscription? Asked(string json)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return Subscription.Read(parsed.RootElement, new WireReader("error"));
        }
        catch (Exception e) when (e is JsonException or WireException or InvalidOperationException)
        {
            return null;
        }
    }
}
