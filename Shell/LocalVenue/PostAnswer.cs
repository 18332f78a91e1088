using System.Text.Json;

namespace Vrlg.Shell.LocalVenue;

/// <summary>The answer of a <c>post</c>, or the text of its refusal.</summary>
internal readonly record struct PostAnswer(byte[]? Bytes, string? Refusal);

/// <summary>Answers a <c>post</c>: an action or an info request.</summary>
internal delegate Task<PostAnswer> PostReply(bool isAction, JsonElement payload);
