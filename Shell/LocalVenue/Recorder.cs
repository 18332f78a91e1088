using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Vrlg.Adapters;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// Everything that the venue said and was asked, without signatures: one JSON line each, handed to the operating system at once.
/// A file that is full is followed by another, and the oldest goes when there are too many.
/// </summary>
internal sealed class Recorder : IDisposable
{
    private const int MostText = 4_096;
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 32 };

    private readonly Lock gate = new();
    private readonly ArrayBufferWriter<byte> line = new(4_096);
    private readonly string folder;
    private readonly string name;
    private readonly TimeProvider clock;
    private readonly long mostBytes;
    private readonly int mostFiles;
    private FileStream? file;
    private int number;
    private int connections;

    private Recorder(string folder, TimeProvider clock, long mostBytes, int mostFiles)
    {
        this.folder = folder;
        this.clock = clock;
        this.mostBytes = mostBytes;
        this.mostFiles = mostFiles;
        var began = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        name = $"venue-{began}";
        Directory.CreateDirectory(folder);
        Next();
    }

    /// <summary>Says that nothing more is written, and why.</summary>
    public event Action<string>? Said;

    /// <summary>Begins a recording in a folder, which is made when it is not there.</summary>
    /// <exception cref="VenueException">The folder cannot be written into.</exception>
    public static Recorder Open(string folder, TimeProvider clock, long mostBytes = 64L << 20, int mostFiles = 32)
    {
        try
        {
            return new Recorder(folder, clock, mostBytes, mostFiles);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system says so of a place that takes no folders.
            var why = e is FileNotFoundException ? "no folder can be made there; name another" : FileTrouble.Words(e);
            throw new VenueException($"{folder} cannot be written into: {why}", e);
        }
    }

    /// <summary>A connection was opened; its number.</summary>
    public int Connected()
    {
        var connection = Interlocked.Increment(ref connections);
        Line("open", json => json.WriteNumber("c", connection));
        return connection;
    }

    /// <summary>A connection ended.</summary>
    public void Ended(int connection, string? why) =>
        Line(
            "close",
            json =>
            {
                json.WriteNumber("c", connection);
                json.WriteString("why", why);
            }
        );

    /// <summary>A connection sent something.</summary>
    public void Heard(int connection, ReadOnlyMemory<byte> frame) =>
        Line(
            "in",
            json =>
            {
                json.WriteNumber("c", connection);
                Asked("frame", json, frame);
            }
        );

    /// <summary>A connection was sent something.</summary>
    public void Told(int connection, byte[] frame) =>
        Line(
            "out",
            json =>
            {
                json.WriteNumber("c", connection);
                json.WritePropertyName("frame");
                // Errors repeat what was asked.
                var isError = Frames.ChannelOf(frame) == "error";
                json.WriteRawValue(
                    isError ? Encoding.UTF8.GetBytes(Unsigned.Text(Encoding.UTF8.GetString(frame))) : frame,
                    skipInputValidation: true
                );
            }
        );

    /// <summary>A request and its answer; <paramref name="isSent"/> when the answer went out.</summary>
    public void Answered(string path, ReadOnlyMemory<byte> body, int status, byte[] reply, bool isJson, bool isSent) =>
        Line(
            "rest",
            json =>
            {
                json.WriteString("path", path);
                Asked("request", json, body);
                json.WriteNumber("status", status);
                if (!isSent)
                    json.WriteBoolean("sent", false);
                if (isJson)
                {
                    json.WritePropertyName("reply");
                    json.WriteRawValue(reply, skipInputValidation: true);
                }
                else
                {
                    json.WriteString("replyText", Unsigned.Text(Encoding.UTF8.GetString(reply)));
                }
            }
        );

    /// <summary>Ends the recording.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            file?.Dispose();
            file = null;
        }
    }

    private static void Asked(string name, Utf8JsonWriter json, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var read = JsonDocument.Parse(bytes, Depth);
            if (LocalVenue.Asked.IsReadable(read.RootElement))
            {
                json.WritePropertyName(name);
                Unsigned.Write(json, read.RootElement);
                return;
            }
        }
        catch (JsonException)
        {
            // It is no JSON, and is written as a text.
        }

        var some = bytes.Span[..Math.Min(bytes.Length, MostText)];
        json.WriteString(name + "Text", Unsigned.Text(Encoding.UTF8.GetString(some)));
        json.WriteNumber("bytes", bytes.Length);
    }

    private void Line(string kind, Action<Utf8JsonWriter> write)
    {
        lock (gate)
        {
            if (file is null)
                return;
            line.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(line, JsonBytes.Options))
            {
                json.WriteStartObject();
                json.WriteNumber("t", clock.GetUtcNow().ToUnixTimeMilliseconds());
                json.WriteString("k", kind);
                write(json);
                json.WriteEndObject();
            }

            line.Write("\n"u8);
            try
            {
                if (file.Length > 0 && file.Length + line.WrittenCount > mostBytes)
                    Next();
                file.Write(line.WrittenSpan);
                file.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                file.Dispose();
                file = null;
                Said?.Invoke($"the recording ends here: {e.Message}");
            }
        }
    }

    private void Next()
    {
        file?.Dispose();
        number++;
        file = new FileStream(PathOf(number), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        if (number > mostFiles)
            File.Delete(PathOf(number - mostFiles));
    }

    private string PathOf(int n) => Path.Combine(folder, $"{name}-{n:D4}.jsonl");
}
