using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>The same walk as JSON text, into a writer that stands where a value may come.</summary>
internal readonly struct JsonSink(Utf8JsonWriter json) : IWireSink
{
    /// <inheritdoc/>
    public void Map(int count) => json.WriteStartObject();

    /// <inheritdoc/>
    public void EndMap() => json.WriteEndObject();

    /// <inheritdoc/>
    public void Array(int count) => json.WriteStartArray();

    /// <inheritdoc/>
    public void EndArray() => json.WriteEndArray();

    /// <inheritdoc/>
    public void Key(ReadOnlySpan<byte> name) => json.WritePropertyName(name);

    /// <inheritdoc/>
    public void Text(ReadOnlySpan<byte> value) => json.WriteStringValue(value);

    /// <inheritdoc/>
    public void Whole(Int128 value)
    {
        Span<byte> digits = stackalloc byte[40];
        value.TryFormat(digits, out var written);
        json.WriteRawValue(digits[..written], skipInputValidation: true);
    }

    /// <inheritdoc/>
    public void Flag(bool value) => json.WriteBooleanValue(value);

    /// <inheritdoc/>
    public void Null() => json.WriteNullValue();
}
