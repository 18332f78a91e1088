using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>What a <c>post</c> request was answered with.</summary>
public enum PostKind
{
    /// <summary>The payload is the answer to an action.</summary>
    Action,

    /// <summary>The payload is the answer to a question.</summary>
    Info,

    /// <summary>The payload is a text that says why there is no answer.</summary>
    Error,
}

/// <summary>The answer to a <c>post</c> request (protocol 6.2).</summary>
/// <param name="Id">The request's number.</param>
/// <param name="Kind">What the payload is.</param>
/// <param name="Type">Of a question: its type.</param>
/// <param name="Payload">JSON; of an error its text.</param>
public sealed record PostReply(long Id, PostKind Kind, string? Type, string Payload)
{
    /// <summary>The answer to an action.</summary>
    public bool TryAction([NotNullWhen(true)] out ExchangeReply? reply, [NotNullWhen(false)] out WireError? error) =>
        TryRead(PostKind.Action, Info.Exchange, out reply, out error);

    /// <summary>The answer to a question.</summary>
    public bool TryInfo<T>(
        Shape<T> shape,
        [MaybeNullWhen(false)] out T value,
        [NotNullWhen(false)] out WireError? error
    )
        where T : notnull => TryRead(PostKind.Info, shape, out value, out error);

    private bool TryRead<T>(
        PostKind kind,
        Shape<T> shape,
        [MaybeNullWhen(false)] out T value,
        [NotNullWhen(false)] out WireError? error
    )
        where T : notnull
    {
        if (Kind == kind)
            return shape.TryDecode(Encoding.UTF8.GetBytes(Payload), out value, out error);
        value = default;
        error = new WireError("post", "type", Kind == PostKind.Error ? $"is an error: {Payload}" : $"is {Kind}");
        return false;
    }

    internal static PostReply Read(JsonElement of, WireReader read)
    {
        var id = read.Natural(of, "id");
        var response = read.Member(of, "response");
        var payload = read.Member(response, "payload");
        return read.Text(response, "type") switch
        {
            "action" => new(id, PostKind.Action, null, RawJson.Of(payload)),
            "info" => new(id, PostKind.Info, read.Text(payload, "type"), RawJson.Of(read.Member(payload, "data"))),
            "error" => new(id, PostKind.Error, null, read.TextOf(payload, "payload")),
            _ => throw read.Fault("type", "is neither action, info nor error"),
        };
    }

    internal static void Write(PostReply reply, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("id", reply.Id);
        json.WriteStartObject("response");
        switch (reply.Kind)
        {
            case PostKind.Action:
                json.Put("type", "action");
                json.WritePropertyName("payload");
                json.WriteRawValue(reply.Payload);
                break;
            case PostKind.Info:
                json.Put("type", "info");
                json.WriteStartObject("payload");
                json.PutAny("type", reply.Type);
                json.WritePropertyName("data");
                json.WriteRawValue(reply.Payload);
                json.WriteEndObject();
                break;
            default:
                json.Put("type", "error");
                json.Put("payload", reply.Payload);
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
