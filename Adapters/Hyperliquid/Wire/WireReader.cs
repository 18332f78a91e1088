using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A message that is not what the protocol says: caught where the message came in, never further.</summary>
internal sealed class WireException(WireError error) : Exception(error.ToString())
{
    /// <summary>What is wrong with it.</summary>
    public WireError Wrong { get; } = error;
}

/// <summary>Strict reading of the members of a message: what is missing or of the wrong kind is a <see cref="WireException"/>.</summary>
internal readonly struct WireReader(string channel)
{
    /// <summary>Of the message, as errors name it.</summary>
    public string Channel => channel;

    /// <summary>The member <paramref name="name"/>, null or not.</summary>
    public JsonElement Member(JsonElement of, string name)
    {
        if (of.ValueKind != JsonValueKind.Object)
            throw Fault(name, "is missing: its owner is no object");
        return of.TryGetProperty(name, out var value) ? value : throw Fault(name, "is missing");
    }

    /// <summary>The member where it is there and not null.</summary>
    public static bool TryMember(JsonElement of, string name, out JsonElement value)
    {
        value = default;
        return of.ValueKind == JsonValueKind.Object
            && of.TryGetProperty(name, out value)
            && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>A text.</summary>
    public string Text(JsonElement of, string name)
    {
        var value = Member(of, name);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Fault(name, "is no text");
    }

    /// <summary>A whole number at or above 0.</summary>
    public long Natural(JsonElement of, string name)
    {
        var value = Member(of, name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0
            ? number
            : throw Fault(name, "is no whole number at or above 0");
    }

    /// <summary>The last millisecond that nanoseconds of 64 bits can hold.</summary>
    public const long LatestMs = long.MaxValue / 1_000_000;

    /// <summary>Milliseconds since the epoch.</summary>
    public long Time(JsonElement of, string name) =>
        Natural(of, name) is var ms and <= LatestMs ? ms : throw Fault(name, "is later than any clock");

    /// <summary>True or false.</summary>
    public bool Flag(JsonElement of, string name)
    {
        var value = Member(of, name);
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Fault(name, "is neither true nor false"),
        };
    }

    /// <summary>A decimal text as a count of 1e-8, exact.</summary>
    public long Number(JsonElement of, string name)
    {
        var result = Exact.parse(Text(of, name));
        return result.IsOk ? result.ResultValue : throw Fault(name, Exact.sentence(result.ErrorValue));
    }

    /// <summary>A decimal at or above 0: a price or a size.</summary>
    public long Amount(JsonElement of, string name)
    {
        var number = Number(of, name);
        return number >= 0 ? number : throw Fault(name, "is below 0");
    }

    /// <summary>A list.</summary>
    public IReadOnlyList<JsonElement> List(JsonElement of, string name)
    {
        var value = Member(of, name);
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Fault(name, "is no list");
    }

    /// <summary>A side: <c>B</c> of the bid, <c>A</c> of the ask; of a trade the aggressor's (X52).</summary>
    public Side SideOf(JsonElement of, string name) =>
        Text(of, name) switch
        {
            "B" => Side.Buy,
            "A" => Side.Sell,
            _ => throw Fault(name, "is neither A nor B"),
        };

    /// <summary>What is wrong with a member.</summary>
    public WireException Fault(string field, string what) => new(new WireError(channel, field, what));
}
