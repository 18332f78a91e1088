using System.IO.Hashing;
using System.Text;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>The run's instruments by the coin names of the wire, found from UTF-8 without making a text.</summary>
public sealed class CoinTable
{
    private readonly Dictionary<ulong, (byte[] Name, InstrumentId Id)> byHash = [];

    /// <summary>From coin names and their instruments; a name that is there twice keeps its last instrument.</summary>
    public CoinTable(IEnumerable<KeyValuePair<string, InstrumentId>> coins)
    {
        foreach (var (coin, id) in coins)
        {
            var name = Encoding.UTF8.GetBytes(coin);
            byHash[XxHash3.HashToUInt64(name)] = (name, id);
        }
    }

    /// <summary>The instrument of a coin; false when the run does not have it.</summary>
    public bool TryFind(ReadOnlySpan<byte> coin, out InstrumentId id)
    {
        if (byHash.TryGetValue(XxHash3.HashToUInt64(coin), out var found) && coin.SequenceEqual(found.Name))
        {
            id = found.Id;
            return true;
        }

        id = InstrumentId.Of(-1);
        return false;
    }
}
