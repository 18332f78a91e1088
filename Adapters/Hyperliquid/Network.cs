namespace Vrlg.Adapters.Hyperliquid;

/// <summary>Where requests go, and as which network they are signed.</summary>
/// <param name="Rest">Base of REST requests.</param>
/// <param name="Socket">The WebSocket.</param>
/// <param name="Explorer">The WebSocket of blocks.</param>
/// <param name="IsMainnet">Signed as mainnet; true of one address only.</param>
public sealed record Network(Uri Rest, Uri Socket, Uri Explorer, bool IsMainnet)
{
    private const string MainnetRest = "https://api.hyperliquid.xyz";

    /// <summary>Real money.</summary>
    public static Network Mainnet { get; } =
        new(
            new Uri(MainnetRest),
            new Uri("wss://api.hyperliquid.xyz/ws"),
            new Uri("wss://rpc.hyperliquid.xyz/ws"),
            IsMainnet: true
        );

    /// <summary>The venue's public test network.</summary>
    public static Network Testnet { get; } =
        new(
            new Uri("https://api.hyperliquid-testnet.xyz"),
            new Uri("wss://api.hyperliquid-testnet.xyz/ws"),
            new Uri("wss://rpc.hyperliquid-testnet.xyz/ws"),
            IsMainnet: false
        );

    /// <summary>
    /// A name (<c>mainnet</c>, <c>testnet</c>, <c>local</c>: port 3001 of this machine) or a base address. Only the exact address of
    /// mainnet signs as mainnet; unencrypted ones are taken for this machine alone. Null and a sentence otherwise.
    /// </summary>
    public static Network? Find(string name, out string trouble)
    {
        trouble = "";
        switch (name)
        {
            case "mainnet":
            case MainnetRest:
                return Mainnet;
            case "testnet":
                return Testnet;
            case "local":
                return Find("http://127.0.0.1:3001", out trouble);
        }

        if (!Uri.TryCreate(name, UriKind.Absolute, out var rest) || rest.Scheme is not ("http" or "https"))
        {
            trouble = $"{name} is no network; say mainnet, testnet, local, or an address that begins with https://";
            return null;
        }

        if (rest.UserInfo.Length > 0 || rest.Query.Length > 0 || rest.Fragment.Length > 0)
        {
            trouble = $"the address of {rest.Host} carries more than host, port and path";
            return null;
        }

        if (rest.Scheme == "http" && !rest.IsLoopback)
        {
            trouble = $"{name} is not encrypted; http is taken for this machine only, use https";
            return null;
        }

        if (rest.Host == Mainnet.Rest.Host)
        {
            trouble = $"{name} is not exactly {MainnetRest}; say mainnet";
            return null;
        }

        var socket = new UriBuilder(rest)
        {
            Scheme = rest.Scheme == "http" ? "ws" : "wss",
            Path = rest.AbsolutePath.TrimEnd('/') + "/ws",
        }.Uri;
        return new Network(rest, socket, socket, IsMainnet: false);
    }
}
