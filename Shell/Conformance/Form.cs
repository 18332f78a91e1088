using System.Buffers;
using System.Text.Json;

namespace Vrlg.Shell.Conformance;

/// <summary>What the protocol says of a JSON value: its kind, and of an object its members. A closed union.</summary>
internal abstract record Form
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private Form() { }

    /// <summary>A text; <paramref name="IsNumber"/>: a decimal number in quotes.</summary>
    public sealed record Text(bool IsNumber) : Form;

    /// <summary>A number that is written as one.</summary>
    public sealed record Number : Form;

    /// <summary>True or false.</summary>
    public sealed record Flag : Form;

    /// <summary>Null.</summary>
    public sealed record Null : Form;

    /// <summary>Whatever stands there.</summary>
    public sealed record Any : Form;

    /// <summary>One of several.</summary>
    public sealed record Either(IReadOnlyList<Form> Of) : Form;

    /// <summary>A list of any length.</summary>
    public sealed record List(Form Of) : Form;

    /// <summary>A list of exactly these.</summary>
    public sealed record Tuple(IReadOnlyList<Form> Of) : Form;

    /// <summary>An object whose names are data.</summary>
    public sealed record Map(Form Of) : Form;

    /// <summary>An object with these members.</summary>
    public sealed record Object(IReadOnlyList<Member> Members) : Form;

    /// <summary>A member of an object; an optional one may be absent.</summary>
    public sealed record Member(string Name, Form Form, bool IsOptional);

    /// <summary>How people name it.</summary>
    public string Name =>
        this switch
        {
            Text { IsNumber: true } => "decimal text",
            Text => "text",
            Number => "number",
            Flag => "true or false",
            Null => "null",
            List => "list",
            Tuple t => $"list of {t.Of.Count}",
            Map or Object => "object",
            Either e => string.Join(" or ", e.Of.Select(f => f.Name)),
            _ => "anything",
        };

    /// <summary>What of a value is otherwise, as path, what is expected and what came.</summary>
    public IEnumerable<(string Path, string Expected, string Got)> Check(JsonElement value, string path = "")
    {
        switch (this)
        {
            case Any:
                return [];
            case Either either:
                return Best(either, value, path);
            case Object form when value.ValueKind == JsonValueKind.Object:
                return OfObject(form, value, path);
            case Map form when value.ValueKind == JsonValueKind.Object:
                return value.EnumerateObject().SelectMany(m => form.Of.Check(m.Value, $"{path}.{m.Name}"));
            case List form when value.ValueKind == JsonValueKind.Array:
                return value.EnumerateArray().SelectMany(item => form.Of.Check(item, path + "[]"));
            case Tuple form when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == form.Of.Count:
                return form.Of.SelectMany((item, i) => item.Check(value[i], $"{path}[{i}]"));
            default:
                return IsOf(value) ? [] : [(Named(path), Name, Kind(value))];
        }
    }

    // The alternative of the same kind of JSON that fits best tells what is wrong.
    private static List<(string Path, string Expected, string Got)> Best(Either either, JsonElement value, string path)
    {
        var all = either.Of.Select(f => f.Check(value, path).ToList()).ToList();
        if (all.Exists(f => f.Count == 0))
            return [];
        var deep = all.Where(f => !f.Exists(d => d.Item1 == Named(path))).ToList();
        return deep.Count > 0 ? deep.MinBy(f => f.Count)! : [(Named(path), either.Name, Kind(value))];
    }

    private static IEnumerable<(string, string, string)> OfObject(Object form, JsonElement value, string path)
    {
        foreach (var member in form.Members)
        {
            var there = $"{path}.{member.Name}";
            if (value.TryGetProperty(member.Name, out var found))
            {
                foreach (var wrong in member.Form.Check(found, there))
                    yield return wrong;
            }
            else if (!member.IsOptional)
            {
                yield return (there, member.Form.Name, "absent");
            }
        }

        foreach (var other in value.EnumerateObject())
        {
            if (form.Members.All(m => m.Name != other.Name))
                yield return ($"{path}.{other.Name}", "absent", Kind(other.Value));
        }
    }

    private bool IsOf(JsonElement value) =>
        this switch
        {
            Text text => value.ValueKind == JsonValueKind.String && (!text.IsNumber || IsDecimal(value.GetString()!)),
            Number => value.ValueKind == JsonValueKind.Number,
            Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            Null => value.ValueKind == JsonValueKind.Null,
            _ => false,
        };

    private static bool IsDecimal(string text)
    {
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        return digits.Length > 0 && char.IsAsciiDigit(digits[0]) && !digits.ContainsAnyExcept(Digits);
    }

    private static string Named(string path) => path.Length == 0 ? "." : path;

    private static string Kind(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => $"list of {value.GetArrayLength()}",
            JsonValueKind.Object => "object",
            _ => Short(value.GetRawText()),
        };

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
