using System.Buffers;
using System.IO.Compression;
using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>Mark and middle of a coin, as far as they changed (protocol 6.3, <c>fastAssetCtxs</c>).</summary>
public sealed record FastContext(string Coin, Numeral? MarkPx, Numeral? MidPx)
{
    // A page of all coins is some tens of kilobytes; what unpacks to more is no page.
    private const int MostBytes = 8 << 20;

    /// <summary>Reads the text of the channel: base64 of a raw deflate stream of an object by coin.</summary>
    internal static Rows<FastContext> Read(JsonElement of, WireReader read)
    {
        var text = read.TextOf(of, "data");
        var packed = new byte[text.Length / 4 * 3 + 3];
        if (!Convert.TryFromBase64String(text, packed, out var length))
            throw read.Fault("data", "is no base64");
        using var json = Parsed(Unpacked(packed.AsMemory(0, length), read), read);
        var rows = new List<FastContext>();
        foreach (var coin in read.ObjectOf(json.RootElement, "data").EnumerateObject())
            rows.Add(
                new(
                    coin.Name,
                    read.OptionalNumeral(read.ObjectOf(coin.Value, coin.Name), "markPx"),
                    read.OptionalNumeral(coin.Value, "midPx")
                )
            );
        return Rows.From(rows);
    }

    internal static void Write(Rows<FastContext> all, Utf8JsonWriter json) => json.WriteStringValue(Text(all));

    /// <summary>The text of the channel.</summary>
    public static string Text(Rows<FastContext> all)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var json = new Utf8JsonWriter(deflate))
        {
            json.WriteStartObject();
            foreach (var one in all)
            {
                json.WriteStartObject(one.Coin);
                json.PutAny("markPx", one.MarkPx);
                json.PutAny("midPx", one.MidPx);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Convert.ToBase64String(packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    private static ReadOnlyMemory<byte> Unpacked(ReadOnlyMemory<byte> packed, WireReader read)
    {
        var into = new ArrayBufferWriter<byte>();
        using var source = new MemoryStream(packed.ToArray());
        using var deflate = new DeflateStream(source, CompressionMode.Decompress);
        try
        {
            while (into.WrittenCount <= MostBytes)
            {
                var count = deflate.Read(into.GetSpan(4_096));
                if (count == 0)
                    return into.WrittenMemory;
                into.Advance(count);
            }
        }
        catch (InvalidDataException)
        {
            throw read.Fault("data", "is no deflate stream");
        }

        throw read.Fault("data", $"unpacks to more than {MostBytes} bytes");
    }

    private static JsonDocument Parsed(ReadOnlyMemory<byte> text, WireReader read)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            throw read.Fault("data", "unpacks to no JSON");
        }
    }
}
