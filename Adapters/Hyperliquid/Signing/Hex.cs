using System.Diagnostics.CodeAnalysis;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>Bytes as <c>0x</c> and lower-case hex digits.</summary>
internal static class Hex
{
    /// <summary>The text of bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>Reads exactly as many bytes as fit into <paramref name="into"/>, in any letter case.</summary>
    public static bool TryRead([NotNullWhen(true)] string? text, Span<byte> into) =>
        text is not null
        && text.Length == 2 + 2 * into.Length
        && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        && Convert.FromHexString(text.AsSpan(2), into, out _, out var written) == System.Buffers.OperationStatus.Done
        && written == into.Length;

    /// <summary>Reads a number of at most as many bytes, with leading zeros left out or not, into the end of it.</summary>
    public static bool TryReadNumber([NotNullWhen(true)] string? text, Span<byte> into)
    {
        into.Clear();
        if (
            text is null
            || text.Length < 3
            || text.Length > 2 + 2 * into.Length
            || !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        )
            return false;
        var padded = "0x" + text[2..].PadLeft(2 * into.Length, '0');
        return TryRead(padded, into);
    }
}
