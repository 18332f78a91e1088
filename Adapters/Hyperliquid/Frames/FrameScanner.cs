using System.Runtime.CompilerServices;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// Reads a frame whose layout is known, byte for byte. It believes nothing: where a frame is laid out otherwise it answers
/// false, and the general codec reads the frame.
/// </summary>
internal ref struct FrameScanner(ReadOnlySpan<byte> frame)
{
    private const int Decimals = 8;
    private const int MostDigits = 18;
    private const int MostSkipped = 36;

    private readonly ReadOnlySpan<byte> frame = frame;
    private int at;

    private static ReadOnlySpan<long> Scale => [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <summary>Nothing is left.</summary>
    public readonly bool IsAtEnd => at == frame.Length;

    /// <summary>Steps over exactly this text; stays where it is otherwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Skip(ReadOnlySpan<byte> text)
    {
        if (!frame[at..].StartsWith(text))
            return false;
        at += text.Length;
        return true;
    }

    /// <summary>The printable ASCII up to the next quote, which is stepped over; a text with anything else is not taken.</summary>
    public bool Text(out ReadOnlySpan<byte> text)
    {
        var rest = frame[at..];
        var length = rest.IndexOf((byte)'"');
        text = length < 0 ? default : rest[..length];
        if (length < 0 || text.ContainsAnyExceptInRange((byte)' ', (byte)'~') || text.Contains((byte)'\\'))
            return false;
        at += length + 1;
        return true;
    }

    /// <summary>A whole number at or above 0 of at most 18 digits, as JSON writes it.</summary>
    public bool Whole(out long value)
    {
        var text = frame[at..];
        var sum = 0L;
        var i = 0;
        for (; i < text.Length && (uint)(text[i] - '0') <= 9; i++)
            sum = sum * 10 + (text[i] - '0');
        value = sum;
        if (i is 0 or > MostDigits || (i > 1 && text[0] == (byte)'0'))
            return false;
        at += i;
        return true;
    }

    /// <summary>
    /// A plain decimal at or above 0 inside quotes, the closing one stepped over, as a count of 1e-8: at most 18 digits, at most
    /// 8 of them decimals.
    /// </summary>
    public bool Decimal(out long raw)
    {
        // Sums stand in locals, not in this struct: the loops then run in registers.
        var text = frame[at..];
        var sum = 0L;
        var i = 0;
        for (; i < text.Length && (uint)(text[i] - '0') <= 9; i++)
            sum = sum * 10 + (text[i] - '0');
        var whole = i;
        var decimals = 0;
        if (i < text.Length && text[i] == (byte)'.')
        {
            i++;
            for (; i < text.Length && (uint)(text[i] - '0') <= 9; i++)
                sum = sum * 10 + (text[i] - '0');
            decimals = i - whole - 1;
            if (decimals == 0)
                decimals = int.MaxValue;
        }

        raw = 0;
        if (
            whole == 0
            || decimals > Decimals
            || whole + Decimals > MostDigits
            || i >= text.Length
            || text[i] != (byte)'"'
        )
            return false;
        at += i + 1;
        raw = sum * Scale[decimals];
        return true;
    }

    /// <summary>A side, <c>B</c> or <c>A</c>, and its closing quote.</summary>
    public bool SideOf(out Side side)
    {
        side = Skip("B\""u8) ? Side.Buy : Side.Sell;
        return side == Side.Buy || Skip("A\""u8);
    }

    /// <summary>A time in milliseconds that nanoseconds of 64 bits can hold.</summary>
    public bool Time(out long ms) => Whole(out ms) && ms <= WireReader.LatestMs;

    /// <summary>Like <see cref="Decimal"/>, below 0 too.</summary>
    public bool SignedDecimal(out long raw)
    {
        var isNegative = Skip("-"u8);
        if (!Decimal(out raw))
            return false;
        raw = isNegative ? -raw : raw;
        return true;
    }

    /// <summary>Steps over a plain decimal of up to 36 digits inside quotes, whatever its precision.</summary>
    public bool SkipDecimal()
    {
        _ = Skip("-"u8);
        var whole = Digits();
        var hasPoint = Skip("."u8);
        var part = hasPoint ? Digits() : 0;
        return whole > 0 && hasPoint == part > 0 && whole + part <= MostSkipped && Skip("\""u8);
    }

    private int Digits()
    {
        var start = at;
        while (at < frame.Length && (uint)(frame[at] - '0') <= 9)
            at++;
        return at - start;
    }
}
