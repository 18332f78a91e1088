using System.Text.Json;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Where a connection asks to be told things, and to be told no more.</summary>
internal interface ISubscribers
{
    /// <summary>A connection asks for a stream.</summary>
    void Subscribe(VenueSocket socket, JsonElement asked);

    /// <summary>A connection wants a stream no more.</summary>
    void Unsubscribe(VenueSocket socket, JsonElement asked);
}

/// <summary>The answer of a <c>post</c>, or the text of its refusal.</summary>
internal readonly record struct PostAnswer(byte[]? Bytes, string? Refusal);

/// <summary>Answers a <c>post</c>: an action or an info request.</summary>
internal delegate Task<PostAnswer> PostReply(bool isAction, JsonElement payload);
