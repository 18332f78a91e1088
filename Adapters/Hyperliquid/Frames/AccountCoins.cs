using System.Text;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>A coin of the run as the account's channels need it.</summary>
/// <param name="Coin">Its name on the wire.</param>
/// <param name="Id">Its instrument.</param>
/// <param name="BaseToken">Of a spot pair the token that is bought, in which a fee may be taken; none for a perpetual.</param>
public sealed record AccountCoin(string Coin, InstrumentId Id, string? BaseToken);

/// <summary>Whose channels are read, and what of them concerns the run.</summary>
public sealed class AccountCoins
{
    private readonly CoinTable coins;
    private readonly Dictionary<int, byte[]> baseTokens = [];
    private readonly byte[] user;

    /// <summary>For the account with this address and the coins of the run.</summary>
    public AccountCoins(Address account, IEnumerable<AccountCoin> coins)
    {
        var all = coins.ToArray();
        this.coins = new CoinTable(all.Select(c => KeyValuePair.Create(c.Coin, c.Id)));
        user = Encoding.UTF8.GetBytes(account.ToString());
        foreach (var coin in all)
        {
            if (coin.BaseToken is { } token)
                baseTokens[coin.Id.Index] = Encoding.UTF8.GetBytes(token);
        }
    }

    /// <summary>The venue writes addresses in lower case.</summary>
    internal bool IsUser(ReadOnlySpan<byte> address) => address.SequenceEqual(user);

    internal bool TryFind(ReadOnlySpan<byte> coin, out InstrumentId id) => coins.TryFind(coin, out id);

    internal bool IsBase(InstrumentId id, ReadOnlySpan<byte> token) =>
        baseTokens.TryGetValue(id.Index, out var known) && token.SequenceEqual(known);

    /// <summary>The name of a fee's token that is neither USDC nor the base of the pair; null for those.</summary>
    internal string? StrangeToken(InstrumentId id, ReadOnlySpan<byte> token) =>
        token.SequenceEqual("USDC"u8) || IsBase(id, token) ? null : Encoding.UTF8.GetString(token);

    /// <summary>A client's number: <c>0x</c> and 32 hex digits, in either letter case.</summary>
    internal static bool TryCloid(ReadOnlySpan<byte> text, out Cloid cloid)
    {
        cloid = Cloid.None;
        if (
            text.Length != 34
            || !text.StartsWith("0x"u8)
            || !TryHex(text.Slice(2, 16), out var run)
            || !TryHex(text[18..], out var n)
        )
            return false;
        cloid = new Cloid(run, n);
        return true;
    }

    private static bool TryHex(ReadOnlySpan<byte> digits, out long value)
    {
        value = 0;
        foreach (var b in digits)
        {
            var digit = HexDigit(b);
            if (digit < 0)
                return false;
            value = (value << 4) | (uint)digit;
        }

        return true;
    }

    private static int HexDigit(byte b) =>
        b switch
        {
            >= (byte)'0' and <= (byte)'9' => b - '0',
            >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
            _ => -1,
        };
}

/// <summary>The venue's words for orders, found from UTF-8 without making a text.</summary>
internal static class StatusWords
{
    private static readonly (byte[] Word, OrderStatus Status)[] Known =
    [
        .. OrderStatuses.known.Select(w => (Encoding.UTF8.GetBytes(w), OrderStatuses.ofWord(w))),
    ];

    /// <summary>The status of a word; a word that is not known is kept as one.</summary>
    public static OrderStatus Of(ReadOnlySpan<byte> word)
    {
        foreach (var (known, status) in Known)
        {
            if (word.SequenceEqual(known))
                return status;
        }

        return OrderStatuses.ofWord(Encoding.UTF8.GetString(word));
    }
}
