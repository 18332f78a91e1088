using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace Vrlg.Shell.Sweep;

/// <summary>Results of a sweep as one Parquet file (zstd): a row a judged point. The same columns give the same
/// bytes.</summary>
public static class ResultFile
{
    /// <summary>Writes the file whole or not at all. All columns have the same length.</summary>
    public static async Task WriteAsync(string path, IReadOnlyList<ResultColumn> columns)
    {
        var fields = columns
            .Select(c =>
                c.Texts is not null ? new DataField<string>(c.Name)
                : c.Wholes is not null ? (DataField)new DataField<int>(c.Name)
                : new DataField<double?>(c.Name)
            )
            .ToArray();
        var options = new ParquetOptions
        {
            CompressionMethod = CompressionMethod.Zstd,
            CompressionLevel = CompressionLevel.Fastest,
        };
        var part = path + ".part";
        await using (var file = File.Create(part))
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file, options))
        {
            using var group = writer.CreateRowGroup();
            for (var i = 0; i < fields.Length; i++)
                await WriteAsync(group, fields[i], columns[i]);
            group.CompleteValidate();
        }

        File.Move(part, path, overwrite: true);
    }

    /// <summary>Reads the file back: every column under its name.</summary>
    public static async Task<IReadOnlyList<ResultColumn>> ReadAsync(string path)
    {
        await using var reader = await ParquetReader.CreateAsync(path);
        using var group = reader.OpenRowGroupReader(0);
        var rows = (int)group.RowCount;
        var found = new List<ResultColumn>();
        foreach (var field in reader.Schema.GetDataFields())
            found.Add(await ReadAsync(group, field, rows));
        return found;
    }

    private static async Task WriteAsync(ParquetRowGroupWriter group, DataField field, ResultColumn column)
    {
        if (column.Texts is { } texts)
            await group.WriteAsync(field, texts);
        else if (column.Wholes is { } wholes)
            await group.WriteAsync<int>(field, wholes.AsMemory());
        else
            await group.WriteAsync<double>(field, (ReadOnlyMemory<double?>)column.Numbers.AsMemory());
    }

    private static async Task<ResultColumn> ReadAsync(ParquetRowGroupReader group, DataField field, int rows)
    {
        if (field.ClrType == typeof(int))
        {
            var wholes = new int[rows];
            await group.ReadAsync<int>(field, wholes.AsMemory());
            return ResultColumn.OfWholes(field.Name, wholes);
        }

        if (field.ClrType == typeof(double))
        {
            var numbers = new double?[rows];
            await group.ReadAsync<double>(field, numbers.AsMemory());
            return ResultColumn.OfNumbers(field.Name, numbers);
        }

        var texts = new string?[rows];
        await group.ReadAsync(field, texts.AsMemory());
        return ResultColumn.OfTexts(field.Name, [.. texts.Select(t => t ?? "")]);
    }
}
