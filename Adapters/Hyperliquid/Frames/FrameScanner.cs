namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// Reads a frame whose layout is known, byte for byte. It believes nothing: where a frame is laid out otherwise it answers
/// false, and the general codec reads the frame.
/// </summary>
internal ref struct FrameScanner(ReadOnlySpan<byte> frame)
{
    private const int Decimals = 8;
    private const int MostDigits = 18;

    private readonly ReadOnlySpan<byte> frame = frame;
    private int at;

    private static ReadOnlySpan<long> Scale => [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <summary>Nothing is left.</summary>
    public readonly bool IsAtEnd => at == frame.Length;

    /// <summary>Steps over exactly this text; stays where it is otherwise.</summary>
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
        value = 0;
        var start = at;
        while (at < frame.Length && (uint)(frame[at] - '0') <= 9)
            value = value * 10 + (frame[at++] - '0');
        var digits = at - start;
        return digits is > 0 and <= MostDigits && (digits == 1 || frame[start] != (byte)'0');
    }

    /// <summary>
    /// A plain decimal at or above 0 inside quotes, the closing one stepped over, as a count of 1e-8: at most 18 digits, at most
    /// 8 of them decimals.
    /// </summary>
    public bool Decimal(out long raw)
    {
        raw = 0;
        var start = at;
        while (at < frame.Length && (uint)(frame[at] - '0') <= 9)
            raw = raw * 10 + (frame[at++] - '0');
        var whole = at - start;
        var decimals = 0;
        if (at < frame.Length && frame[at] == (byte)'.')
        {
            at++;
            start = at;
            while (at < frame.Length && (uint)(frame[at] - '0') <= 9)
                raw = raw * 10 + (frame[at++] - '0');
            decimals = at - start;
            if (decimals == 0)
                return false;
        }

        if (
            whole == 0
            || decimals > Decimals
            || whole + Decimals > MostDigits
            || at >= frame.Length
            || frame[at] != (byte)'"'
        )
            return false;
        at++;
        raw *= Scale[decimals];
        return true;
    }
}
