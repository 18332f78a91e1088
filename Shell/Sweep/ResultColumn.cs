namespace Vrlg.Shell.Sweep;

/// <summary>One column of results: texts, whole numbers, or numbers of which some may be missing.</summary>
public sealed class ResultColumn
{
    private ResultColumn(string name, string[]? texts, int[]? wholes, double?[]? numbers)
    {
        Name = name;
        Texts = texts;
        Wholes = wholes;
        Numbers = numbers;
    }

    /// <summary>Its name in the file.</summary>
    public string Name { get; }

    /// <summary>The values of a column of texts.</summary>
    public string[]? Texts { get; }

    /// <summary>The values of a column of whole numbers.</summary>
    public int[]? Wholes { get; }

    /// <summary>The values of a column of numbers; null where a figure is not defined.</summary>
    public double?[]? Numbers { get; }

    /// <summary>A column of texts.</summary>
    public static ResultColumn OfTexts(string name, string[] values) => new(name, values, null, null);

    /// <summary>A column of whole numbers.</summary>
    public static ResultColumn OfWholes(string name, int[] values) => new(name, null, values, null);

    /// <summary>A column of numbers.</summary>
    public static ResultColumn OfNumbers(string name, double?[] values) => new(name, null, null, values);
}
