using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid;

/// <summary>What a trading key may do at most, whatever it is asked.</summary>
/// <param name="Master">The account that approved the key: its own key is refused, whichever account trades.</param>
/// <param name="Vault">Sub-account or vault that trades, sent and signed as <c>vaultAddress</c>; none for the master itself.</param>
/// <param name="IsMainnet">Signed as mainnet.</param>
/// <param name="MostOrder">Largest value of one order that may open, in USD.</param>
/// <param name="MostMinute">Largest value of all such orders within 60 s, in USD.</param>
/// <param name="MostLeverage">Largest leverage that it sets.</param>
public sealed record KeyPolicy(
    Address Master,
    Address? Vault,
    bool IsMainnet,
    Usd MostOrder,
    Usd MostMinute,
    int MostLeverage
)
{
    /// <summary>Whose money it trades.</summary>
    public Address Account => Vault ?? Master;
}
