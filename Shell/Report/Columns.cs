using System.Globalization;

namespace Vrlg.Shell.Report;

/// <summary>
/// A comma-separated file of a run folder. Columns are found by name, so their order is free and further columns
/// are left alone; what is needed must be there. Every fault names file and line.
/// </summary>
public sealed class Columns
{
    private readonly string path;
    private readonly string[] lines;
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly int width;
    private string[] cells = [];
    private int line;

    /// <summary>Reads the file whole and checks its first line against the names that are needed.</summary>
    public Columns(string folder, string file, params string[] needed)
    {
        path = Path.Combine(folder, file);
        lines = RunText.Read(path).Split('\n');
        var names = lines[0].TrimEnd('\r').Split(',');
        width = names.Length;
        for (var i = 0; i < names.Length; i++)
            places[names[i].Trim()] = i;
        foreach (var name in needed)
        {
            if (!places.ContainsKey(name))
                throw new ReportException(
                    $"{path}:1: the column {name} is missing; the first line must name {string.Join(',', needed)}. "
                        + "Run it again to write the file anew."
                );
        }
    }

    /// <summary>The most rows there can be.</summary>
    public int Capacity => lines.Length;

    /// <summary>Moves to the next row that is not empty; false at the end.</summary>
    public bool Next()
    {
        while (++line < lines.Length)
        {
            var text = lines[line].AsSpan().TrimEnd('\r');
            if (text.IsWhiteSpace())
                continue;
            cells = text.ToString().Split(',');
            if (cells.Length != width)
                throw new ReportException(
                    $"{path}:{line + 1}: the row has {cells.Length} cells, the first line names {width}. "
                        + "The file was cut or edited; run it again to write it anew."
                );
            return true;
        }

        return false;
    }

    /// <summary>The cell as it stands.</summary>
    public string Text(string name) => cells[places[name]];

    /// <summary>A whole number of nanoseconds since 1970 (UTC).</summary>
    public long Nanoseconds(string name) =>
        long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Bad(name, "a whole number of nanoseconds");

    /// <summary>An exact decimal number.</summary>
    public decimal Amount(string name) =>
        decimal.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Bad(name, "a number");

    /// <summary>A number to draw; an empty cell is NaN, which the page shows as a hole.</summary>
    public double Drawn(string name)
    {
        var text = Text(name);
        if (text.Length == 0)
            return double.NaN;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Bad(name, "a number or empty");
    }

    /// <summary>A yes or no: 1 or true, 0 or false; empty is null.</summary>
    public bool? Flag(string name) =>
        Text(name) switch
        {
            "" => null,
            "1" or "true" or "True" => true,
            "0" or "false" or "False" => false,
            _ => throw Bad(name, "1, 0 or empty"),
        };

    private ReportException Bad(string name, string wanted) =>
        new(
            $"{path}:{line + 1}: {name} is \"{Text(name)}\", but it must be {wanted}. "
                + "Run it again to write the file anew."
        );
}
