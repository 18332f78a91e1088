using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vrlg.Shell.LocalVenue;

/// <summary>JSON as the venue writes it: as it is, nothing escaped that need not be.</summary>
internal static class JsonBytes
{
    /// <summary>How it is written.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is written, as UTF-8.</summary>
    public static byte[] Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
            write(json);
        return buffer.WrittenSpan.ToArray();
    }
}
