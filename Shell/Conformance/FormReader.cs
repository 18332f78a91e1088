namespace Vrlg.Shell.Conformance;

/// <summary>
/// Reads forms as they are written in <see cref="ReferenceForms"/>: <c>text</c>, <c>decimal</c>, <c>number</c>, <c>flag</c>,
/// <c>null</c>, <c>any</c>, a name of another form, <c>[list]</c>, <c>(tuple, of)</c>, <c>{member: form, optional?: form}</c>,
/// <c>{*: map}</c>, <c>this | that</c>.
/// </summary>
internal sealed class FormReader
{
    private readonly Dictionary<string, Form> named;
    private readonly string text;
    private int at;

    private FormReader(string text, Dictionary<string, Form> named)
    {
        this.text = text;
        this.named = named;
    }

    /// <summary>
    /// Every form of a text with a definition <c>name = form</c> after a name and an equals sign, the ones that it uses before it.
    /// </summary>
    /// <exception cref="FormatException">The text is ours and wrong.</exception>
    public static Dictionary<string, Form> All(string text)
    {
        var named = new Dictionary<string, Form>(StringComparer.Ordinal)
        {
            ["text"] = new Form.Text(false),
            ["decimal"] = new Form.Text(true),
            ["number"] = new Form.Number(),
            ["flag"] = new Form.Flag(),
            ["null"] = new Form.Null(),
            ["any"] = new Form.Any(),
        };
        var reader = new FormReader(text, named);
        while (reader.Blank())
        {
            var name = reader.Word();
            reader.Expect('=');
            named.Add(name, reader.Union());
        }

        return named;
    }

    private Form Union()
    {
        var first = One();
        if (!Take('|'))
            return first;
        var all = new List<Form> { first };
        do all.Add(One());
        while (Take('|'));
        return new Form.Either(all);
    }

    private Form One()
    {
        if (Take('['))
        {
            var of = Union();
            Expect(']');
            return new Form.List(of);
        }

        if (Take('('))
            return new Form.Tuple(Until(')', Union));
        if (!Take('{'))
            return named.TryGetValue(Word(), out var known) ? known : throw Wrong("a name that is defined before");
        if (Take('*'))
        {
            Expect(':');
            var of = Union();
            Expect('}');
            return new Form.Map(of);
        }

        return new Form.Object(Until('}', Member));
    }

    private Form.Member Member()
    {
        var name = Word();
        var isOptional = Take('?');
        Expect(':');
        return new Form.Member(name, Union(), isOptional);
    }

    private List<T> Until<T>(char end, Func<T> item)
    {
        var all = new List<T>();
        if (Take(end))
            return all;
        do all.Add(item());
        while (Take(','));
        Expect(end);
        return all;
    }

    private bool Blank()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at < text.Length;
    }

    private bool Take(char c)
    {
        if (!Blank() || text[at] != c)
            return false;
        at++;
        return true;
    }

    private void Expect(char c)
    {
        if (!Take(c))
            throw Wrong($"'{c}'");
    }

    private string Word()
    {
        Blank();
        var from = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '/'))
            at++;
        return at > from ? text[from..at] : throw Wrong("a name");
    }

    private FormatException Wrong(string wanted) =>
        new($"{wanted} is missing before: {text[Math.Min(at, text.Length)..Math.Min(at + 40, text.Length)]}");
}
