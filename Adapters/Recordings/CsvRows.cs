using System.Text;
using Vrlg.Core;

namespace Vrlg.Adapters.Recordings;

/// <summary>
/// The rows of a comma-separated recording. Columns are found by their names in the first line; cells are read as spans
/// of the file, so that a row costs no text. A fault knows file, line and column.
/// </summary>
public sealed class CsvRows
{
    private const int LongestLine = 1 << 20;
    private readonly byte[] bytes;
    private readonly string[] names;
    private readonly int[] starts;
    private readonly int[] ends;
    private int at;
    private int cells;

    /// <summary>Reads the first line.</summary>
    public CsvRows(string path, byte[] bytes)
    {
        Path = path;
        this.bytes = bytes;
        at = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var head = NextLine();
        names = Encoding.UTF8.GetString(head).Split(',');
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = names[i].Trim();
            if (Array.IndexOf(names, names[i], 0, i) >= 0)
                throw new RecordingException(
                    $"{path}:1: the column {names[i]} is named twice. Correct the first line."
                );
        }

        starts = new int[names.Length];
        ends = new int[names.Length];
    }

    /// <summary>The file, for sentences.</summary>
    public string Path { get; }

    /// <summary>The line of the current row; the first line is 1.</summary>
    public int Line { get; private set; }

    /// <summary>How much of the file is behind, 0 to 1.</summary>
    public double Progress => (double)at / bytes.Length;

    /// <summary>The place of a column that may be absent; -1 then.</summary>
    public int TryColumn(string name) => Array.IndexOf(names, name);

    /// <summary>The place of a column that must be there.</summary>
    public int Column(string name)
    {
        var found = TryColumn(name);
        return found >= 0
            ? found
            : throw new RecordingException(
                $"{Path}:1: the column {name} is missing; the first line names {Shorten(string.Join(", ", names))}. "
                    + "Name the columns as the recorder does."
            );
    }

    /// <summary>Moves to the next row that is not empty; false at the end. A row of the wrong width is a bad row.</summary>
    public bool Next()
    {
        while (at < bytes.Length)
        {
            var line = NextLine();
            if (line.Length == 0)
                continue;
            Split(line);
            return true;
        }

        return false;
    }

    /// <summary>A sentence when the row does not have a cell a column, else null.</summary>
    public string? WidthFault() =>
        cells == names.Length
            ? null
            : $"{Path}:{Line}:1: the row has {cells} cells, the first line names {names.Length}.";

    /// <summary>
    /// The cell, without blanks around it. A carriage return is one: tools that add a column at the end of CR LF lines
    /// leave it in the middle.
    /// </summary>
    public ReadOnlySpan<byte> Cell(int column) =>
        bytes.AsSpan(starts[column], ends[column] - starts[column]).Trim(" \t\r"u8);

    /// <summary>A sentence about a cell of the current row: file, line, column in characters, and what is wrong.</summary>
    public string Fault(int column, string what)
    {
        var text = Shorten(Encoding.UTF8.GetString(Cell(column)));
        return $"{Path}:{Line}:{starts[column] - lineStart + 1}: {names[column]} is \"{text}\": {what}.";
    }

    /// <summary>An exact number of 1e-8, or the sentence why it is none.</summary>
    public long Number(int column, ref string? fault)
    {
        var parsed = Exact.parseBytes(Cell(column));
        if (parsed.IsOk)
            return parsed.ResultValue;
        fault ??= Fault(column, "it " + Exact.sentence(parsed.ErrorValue));
        return 0;
    }

    /// <summary>A whole number, digits only.</summary>
    public long Whole(int column, ref string? fault)
    {
        if (long.TryParse(Cell(column), System.Globalization.NumberStyles.None, null, out var value))
            return value;
        fault ??= Fault(column, "this must be a whole number");
        return 0;
    }

    private int lineStart;

    private void Split(ReadOnlySpan<byte> line)
    {
        cells = 0;
        var from = lineStart;
        for (var i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] != ',')
                continue;
            if (cells < names.Length)
            {
                starts[cells] = from;
                ends[cells] = lineStart + i;
            }

            cells++;
            from = lineStart + i + 1;
        }
    }

    private ReadOnlySpan<byte> NextLine()
    {
        lineStart = at;
        Line++;
        var rest = bytes.AsSpan(at);
        var length = rest.IndexOf((byte)'\n');
        at += length < 0 ? rest.Length : length + 1;
        var line = length < 0 ? rest : rest[..length];
        if (line.Length > LongestLine)
            throw new RecordingException(
                $"{Path}:{Line}: the line is longer than a megabyte. This is no such recording."
            );
        return line.TrimEnd((byte)'\r');
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";
}
