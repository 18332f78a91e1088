namespace Vrlg.Adapters.Recordings;

/// <summary>Reads a recorded file whole, plain or gzip, and makes sure that nothing of it is missing.</summary>
public static class RecordingFile
{
    /// <summary>The file's bytes, unpacked. Throws <see cref="RecordingException"/> with a sentence.</summary>
    public static byte[] ReadAll(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RecordingException($"{path}: the file cannot be read: {FileTrouble.Words(e)}.", e);
        }

        var content = path.EndsWith(".gz", StringComparison.Ordinal) && bytes.Length > 0 ? Unpack(path, bytes) : bytes;
        return content.Length > 0
            ? content
            : throw new RecordingException(
                $"{path}: the file is empty. Record it again, or take it out of the folder."
            );
    }

    private static byte[] Unpack(string path, byte[] packed)
    {
        if (!GzipFile.IsOne(packed))
            throw new RecordingException($"{path}: this is no gzip file. Rename it to .csv if it is plain text.");
        return GzipFile.Unpack(packed)
            ?? throw new RecordingException(
                $"{path}: the gzip file is cut or damaged: its end does not match its content. Copy or record it again; "
                    + "--skip-bad does not help, since nobody knows what is missing."
            );
    }
}
