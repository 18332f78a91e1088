using System.Text;
using Vrlg.Core;

namespace Vrlg.Shell.Tapes;

/// <summary>
/// Reads what a <see cref="ByteSink"/> wrote of numbers and raw bytes. Reading past the end throws
/// <see cref="InvalidDataException"/>, whose words become a part of the sentence about the file.
/// </summary>
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
