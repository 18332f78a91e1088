using System.Numerics;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// MessagePack in the venue's canonical form (protocol 4.2): the shortest encoding of every length and number, no floats.
/// Reused from action to action: <see cref="Clear"/> forgets what was written and keeps the memory.
/// </summary>
internal sealed class MsgPackSink : IWireSink
{
    private byte[] bytes = new byte[512];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written.</summary>
    public void Clear() => Length = 0;

    /// <summary>Bytes as they are, after the action: nonce and markers of the hash.</summary>
    public void Raw(ReadOnlySpan<byte> value) => value.CopyTo(Room(value.Length));

    /// <inheritdoc/>
    public void Map(int count)
    {
        if (count <= 15)
            Room(1)[0] = (byte)(0x80 | count);
        else
            Wide16(0xde, count);
    }

    /// <inheritdoc/>
    public void EndMap() { }

    /// <inheritdoc/>
    public void Array(int count)
    {
        if (count <= 15)
            Room(1)[0] = (byte)(0x90 | count);
        else
            Wide16(0xdc, count);
    }

    /// <inheritdoc/>
    public void EndArray() { }

    /// <inheritdoc/>
    public void Key(ReadOnlySpan<byte> name) => Text(name);

    /// <inheritdoc/>
    public void Text(ReadOnlySpan<byte> value)
    {
        if (value.Length <= 31)
            Room(1)[0] = (byte)(0xa0 | value.Length);
        else if (value.Length <= byte.MaxValue)
            (Room(2)[0], bytes[Length - 1]) = (0xd9, (byte)value.Length);
        else if (value.Length <= ushort.MaxValue)
            Wide16(0xda, value.Length);
        else
            Tagged(0xdb, 4, value.Length);
        Raw(value);
    }

    /// <inheritdoc/>
    public void Whole(Int128 value)
    {
        if (value >= 0)
            Natural((ulong)value);
        else
            Negative((long)value);
    }

    /// <inheritdoc/>
    public void Flag(bool value) => Room(1)[0] = value ? (byte)0xc3 : (byte)0xc2;

    /// <inheritdoc/>
    public void Null() => Room(1)[0] = 0xc0;

    private void Natural(ulong value)
    {
        if (value <= 0x7f)
            Room(1)[0] = (byte)value;
        else if (value <= byte.MaxValue)
            Tagged(0xcc, 1, (long)value);
        else if (value <= ushort.MaxValue)
            Tagged(0xcd, 2, (long)value);
        else if (value <= uint.MaxValue)
            Tagged(0xce, 4, (long)value);
        else
            Tagged(0xcf, 8, unchecked((long)value));
    }

    private void Negative(long value)
    {
        if (value >= -32)
            Room(1)[0] = unchecked((byte)value);
        else if (value >= sbyte.MinValue)
            Tagged(0xd0, 1, value);
        else if (value >= short.MinValue)
            Tagged(0xd1, 2, value);
        else if (value >= int.MinValue)
            Tagged(0xd2, 4, value);
        else
            Tagged(0xd3, 8, value);
    }

    private void Wide16(byte tag, int count) => Tagged(tag, 2, count);

    private void Tagged(byte tag, int width, long value)
    {
        var room = Room(1 + width);
        room[0] = tag;
        for (var i = 0; i < width; i++)
            room[width - i] = unchecked((byte)(value >> (8 * i)));
    }

    private Span<byte> Room(int count)
    {
        if (Length + count > bytes.Length)
            System.Array.Resize(ref bytes, (int)BitOperations.RoundUpToPowerOf2((uint)(Length + count)));
        Length += count;
        return bytes.AsSpan(Length - count, count);
    }
}
