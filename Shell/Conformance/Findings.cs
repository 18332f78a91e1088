using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Shell.Conformance;

/// <summary>Gathers what is asked and what is answered otherwise.</summary>
internal sealed class Findings
{
    private readonly List<Difference> found = [];

    /// <summary>What is answered otherwise, a row once however many elements of a list show it.</summary>
    public IReadOnlyList<Difference> All => found;

    /// <summary>Answers looked at.</summary>
    public int Asked { get; private set; }

    /// <summary>Of the account's own key.</summary>
    public int WithKey { get; set; }

    /// <summary>Another answer is looked at.</summary>
    public void Count() => Asked++;

    /// <summary>Something is otherwise.</summary>
    public void Add(string request, string where, string expected, string got)
    {
        if (!found.Exists(d => d.Request == request && d.Where == Plain(where)))
            found.Add(new Difference(request, Plain(where), expected, Plain(got)));
    }

    // A venue's text may hold what a terminal obeys, and lines.
    private static string Plain(string text) =>
        string.Create(
            text.Length,
            text,
            (into, from) =>
            {
                for (var i = 0; i < from.Length; i++)
                    into[i] = char.IsControl(from[i]) ? ' ' : from[i];
            }
        );

    /// <summary>A text is, or begins with, what the reference says.</summary>
    public void Text(string request, string where, string expected, string got)
    {
        if (!got.StartsWith(expected, StringComparison.Ordinal))
            Add(request, where, expected, got);
    }

    /// <summary>A value has its form.</summary>
    public void Form(string request, string form, JsonElement value)
    {
        if (!ReferenceForms.ByName.TryGetValue(form, out var said))
        {
            Add(request, ".", "a form of the reference", form);
            return;
        }

        foreach (var (path, expected, got) in said.Check(value))
            Add(request, path, expected, got);
    }

    /// <summary>Our own client reads it too.</summary>
    public void Readable(string request, Shape shape, byte[] message)
    {
        if (!shape.TryDecodeAny(message, out _, out var error))
            Add(request, "our client", "reads it", error.ToString());
    }
}
