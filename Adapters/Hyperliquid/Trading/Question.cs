using System.Globalization;
using System.Text;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>Bodies of <c>/info</c> requests.</summary>
internal static class Question
{
    /// <summary>Of a type alone.</summary>
    public static byte[] Of(string type) => Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\"}}");

    /// <summary>About an account.</summary>
    public static byte[] Of(string type, Address user) =>
        Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"user\":\"{user}\"}}");

    /// <summary>About an order of an account by our number.</summary>
    public static byte[] Of(string type, Address user, Cloid cloid) =>
        Encoding.UTF8.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"type\":\"{type}\",\"user\":\"{user}\",\"oid\":\"{cloid}\"}}"
            )
        );
}
