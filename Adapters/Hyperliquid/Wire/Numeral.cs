using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>
/// A decimal number of the venue, exact: up to 36 digits, for amounts and rates that are finer than 1e-8. Two that are the same
/// number are equal, however they were written. The default is 0.
/// </summary>
public readonly record struct Numeral
{
    private const int MostDigits = 36;
    private const int RawDecimals = 8;

    private readonly Int128 digits;
    private readonly int decimals;

    private Numeral(Int128 digits, int decimals)
    {
        while (decimals > 0 && digits % 10 == 0)
        {
            digits /= 10;
            decimals--;
        }

        this.digits = digits;
        this.decimals = decimals;
    }

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Int128.Sign(digits);

    /// <summary>The same number with the other sign.</summary>
    public static Numeral operator -(Numeral of) => new(-of.digits, of.decimals);

    /// <summary>From a count of 1e-8.</summary>
    public static Numeral OfRaw(long raw) => new(raw, RawDecimals);

    /// <summary>From a count of 1e-12, as the core counts funding rates.</summary>
    public static Numeral OfPico(long pico) => new(pico, 12);

    /// <summary>A price.</summary>
    public static Numeral Of(Px px) => OfRaw(px.Raw);

    /// <summary>A size.</summary>
    public static Numeral Of(Sz sz) => OfRaw(sz.Raw);

    /// <summary>An amount of money.</summary>
    public static Numeral Of(Usd usd) => OfRaw(usd.Raw);

    /// <summary>As a count of 1e-8; false when it is finer or larger than that holds.</summary>
    public bool TryRaw(out long raw) => TryScale(RawDecimals, out raw);

    /// <summary>As a count of 1e-12; false when it is finer or larger than that holds.</summary>
    public bool TryPico(out long pico) => TryScale(12, out pico);

    private bool TryScale(int places, out long count)
    {
        count = 0;
        if (decimals > places || Int128.Abs(digits) > long.MaxValue)
            return false;
        var value = digits;
        for (var i = decimals; i < places; i++)
            value *= 10;
        if (Int128.Abs(value) > long.MaxValue)
            return false;
        count = (long)value;
        return true;
    }

    /// <summary>Reads plain decimals: an optional minus, digits, and digits after a point where there is one. No exponent.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Numeral number)
    {
        number = default;
        if (string.IsNullOrEmpty(text))
            return false;
        var isNegative = text[0] == '-';
        var (value, count, point) = ((Int128)0, 0, -1);
        for (var i = isNegative ? 1 : 0; i < text.Length; i++)
        {
            if (text[i] == '.' && point < 0 && count > 0)
                point = count;
            else if (!char.IsAsciiDigit(text[i]) || count == MostDigits)
                return false;
            else
            {
                value = value * 10 + (text[i] - '0');
                count++;
            }
        }

        if (count == 0 || point == count)
            return false;
        number = new Numeral(isNegative ? -value : value, point < 0 ? 0 : count - point);
        return true;
    }

    /// <summary>As the venue writes numbers: at least one decimal, no further idle zeros (<c>1.0</c>, <c>0.0000125</c>).</summary>
    public override string ToString()
    {
        var text = Int128.Abs(digits).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var whole = text[..^decimals];
        var part = decimals == 0 ? "0" : text[^decimals..];
        return $"{(digits < 0 ? "-" : "")}{whole}.{part}";
    }
}
