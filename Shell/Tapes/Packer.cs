using System.Text;

namespace Vrlg.Shell.Tapes;

/// <summary>Bytes that grow: numbers of variable length, seven bits a byte, least first.</summary>
internal sealed class Packer
{
    private byte[] bytes = new byte[1 << 12];

    public int Count { get; private set; }
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Byte(byte value)
    {
        Grow(1);
        bytes[Count++] = value;
    }

    public void Raw(ReadOnlySpan<byte> span)
    {
        Grow(span.Length);
        span.CopyTo(bytes.AsSpan(Count));
        Count += span.Length;
    }

    public void Whole(ulong value)
    {
        Grow(10);
        while (value >= 0x80)
        {
            bytes[Count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[Count++] = (byte)value;
    }

    public void Signed(long value) => Whole(Zigzag(value));

    public void Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Whole((ulong)utf8.Length);
        Raw(utf8);
    }

    public static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private void Grow(int more)
    {
        if (Count + more > bytes.Length)
            Array.Resize(ref bytes, Math.Max(2 * bytes.Length, Count + more));
    }
}

/// <summary>Reads what a <see cref="Packer"/> wrote. Reading past the end throws <see cref="InvalidDataException"/>.</summary>
internal ref struct Unpacker(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int at;

    public readonly bool IsAtEnd => at == bytes.Length;

    public byte Byte()
    {
        if (at >= bytes.Length)
            throw new InvalidDataException("it ends too early");
        return bytes[at++];
    }

    public ulong Whole()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }

        throw new InvalidDataException("a number is longer than ten bytes");
    }

    /// <summary>A count, at most <paramref name="most"/>.</summary>
    public int Count(int most)
    {
        var value = Whole();
        return value <= (ulong)most ? (int)value : throw new InvalidDataException($"a count is {value}, above {most}");
    }

    public long Signed()
    {
        var value = Whole();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> Raw(int length)
    {
        if (length > bytes.Length - at)
            throw new InvalidDataException("it ends too early");
        var span = bytes.Slice(at, length);
        at += length;
        return span;
    }

    public string Text() => Encoding.UTF8.GetString(Raw(Count(1 << 16)));
}
