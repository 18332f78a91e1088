using System.Text;
using System.Text.Json;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What somebody said, without signatures: neither the members that hold them nor anything that could be one.</summary>
internal static class Unsigned
{
    /// <summary>Longer runs of hex digits than an address has could be a half of a signature.</summary>
    private const int MostDigits = 40;
    private const char Instead = '~';

    /// <summary>
    /// Writes a request again without its signature. Hashes keep their place where a member is called so.
    /// </summary>
    public static void Write(Utf8JsonWriter json, JsonElement from)
    {
        switch (from.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in from.EnumerateObject())
                {
                    if (member.Name.StartsWith("signature", StringComparison.OrdinalIgnoreCase))
                        continue;
                    json.WritePropertyName(Text(member.Name));
                    if (member.Name == "hash" && member.Value.ValueKind == JsonValueKind.String)
                        member.Value.WriteTo(json);
                    else
                        Write(json, member.Value);
                }

                json.WriteEndObject();
                return;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in from.EnumerateArray())
                    Write(json, item);
                json.WriteEndArray();
                return;
            case JsonValueKind.String:
                json.WriteStringValue(Text(from.GetString()!));
                return;
            default:
                from.WriteTo(json);
                return;
        }
    }

    /// <summary>A text with another sign for each long run of hex digits.</summary>
    public static string Text(string text)
    {
        StringBuilder? made = null;
        var taken = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var end = i;
            while (end < text.Length && char.IsAsciiHexDigit(text[end]))
                end++;
            if (end - i > MostDigits)
            {
                made ??= new StringBuilder();
                made.Append(text, taken, i - taken).Append(Instead);
                taken = end;
            }

            i = Math.Max(i, end - 1);
        }

        return made is null ? text : made.Append(text, taken, text.Length - taken).ToString();
    }
}
