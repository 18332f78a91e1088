using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A kind of message of the venue: how it is read and how it is written.</summary>
public abstract class Shape
{
    private protected static readonly JsonWriterOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private protected Shape(string name) => Name = name;

    /// <summary>The request's type or the channel, as errors name it.</summary>
    public string Name { get; }

    /// <summary>Reads a whole message; nothing of one with an error is believed.</summary>
    public abstract bool TryDecodeAny(
        ReadOnlyMemory<byte> json,
        [NotNullWhen(true)] out object? value,
        [NotNullWhen(false)] out WireError? error
    );

    /// <summary>Writes what <see cref="TryDecodeAny"/> read.</summary>
    public abstract void EncodeAny(object value, IBufferWriter<byte> into);
}

/// <summary>A kind of message of the venue as one type.</summary>
public sealed class Shape<T> : Shape
    where T : notnull
{
    private readonly Func<JsonElement, WireReader, T> read;
    private readonly Action<T, Utf8JsonWriter> write;

    internal Shape(string name, Func<JsonElement, WireReader, T> read, Action<T, Utf8JsonWriter> write)
        : base(name)
    {
        this.read = read;
        this.write = write;
    }

    /// <summary>
    /// Reads a whole message: unknown members are ignored, a missing or unreadable one is named. Nothing of a message with an error
    /// is believed.
    /// </summary>
    public bool TryDecode(
        ReadOnlyMemory<byte> json,
        [MaybeNullWhen(false)] out T value,
        [NotNullWhen(false)] out WireError? error
    )
    {
        value = default;
        error = null;
        try
        {
            using var parsed = JsonDocument.Parse(json);
            value = read(parsed.RootElement, new WireReader(Name));
            return true;
        }
        catch (WireException e)
        {
            error = e.Wrong;
        }
        catch (JsonException e)
        {
            error = new WireError(Name, $"byte {e.BytePositionInLine}", "is no JSON");
        }
        catch (InvalidOperationException)
        {
            // A text whose escapes or bytes are no characters.
            error = new WireError(Name, "a text", "is no Unicode");
        }

        value = default;
        return false;
    }

    /// <summary>Writes a message as the venue lays it out.</summary>
    public void Encode(T value, IBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, Plain);
        write(value, json);
    }

    /// <summary>A message as bytes.</summary>
    public byte[] Encode(T value)
    {
        var into = new ArrayBufferWriter<byte>();
        Encode(value, into);
        return into.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    public override bool TryDecodeAny(
        ReadOnlyMemory<byte> json,
        [NotNullWhen(true)] out object? value,
        [NotNullWhen(false)] out WireError? error
    )
    {
        var isRead = TryDecode(json, out var typed, out error);
        value = isRead ? typed : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public override void EncodeAny(object value, IBufferWriter<byte> into) => Encode((T)value, into);

    internal T Read(JsonElement json) => read(json, new WireReader(Name));

    internal void Write(T value, Utf8JsonWriter json) => write(value, json);
}
