namespace Vrlg.Adapters.Hyperliquid;

/// <summary>A count of 1e-8 as the venue wants numbers: plain decimals, no exponent, no idle zeros (protocol 5.5).</summary>
internal static class WireNumber
{
    /// <summary>The most bytes that a number takes.</summary>
    public const int MostBytes = 24;

    private const ulong One = 100_000_000;

    /// <summary>Writes <paramref name="raw"/> in UTF-8 and answers with what was written.</summary>
    public static ReadOnlySpan<byte> Write(long raw, Span<byte> into)
    {
        var length = 0;
        if (raw < 0)
            into[length++] = (byte)'-';
        var size = raw < 0 ? unchecked((ulong)-raw) : (ulong)raw;
        var whole = size / One;
        var part = size % One;
        whole.TryFormat(into[length..], out var digits);
        length += digits;
        if (part == 0)
            return into[..length];
        into[length++] = (byte)'.';
        for (var scale = One / 10; part > 0; scale /= 10)
        {
            into[length++] = (byte)('0' + part / scale);
            part %= scale;
        }

        return into[..length];
    }
}
