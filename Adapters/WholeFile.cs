using System.Text;

namespace Vrlg.Adapters;

/// <summary>Writes files whole or not at all.</summary>
public static class WholeFile
{
    private static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a text as UTF-8 beside the file, then puts it in its place, over what was there.</summary>
    public static void Write(string path, string text)
    {
        var part = path + ".part";
        File.WriteAllBytes(part, utf8.GetBytes(text));
        File.Move(part, path, overwrite: true);
    }
}
