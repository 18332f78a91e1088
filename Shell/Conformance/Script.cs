using System.Globalization;

namespace Vrlg.Shell.Conformance;

/// <summary>What is asked over HTTP, and how it is to be answered.</summary>
/// <param name="Name">How people find it again.</param>
/// <param name="Path">Such as <c>/info</c>.</param>
/// <param name="Body">Sent as it stands.</param>
/// <param name="Form">Of the answer; null for a refusal.</param>
/// <param name="Status">Of HTTP.</param>
/// <param name="Text">With which a refusal begins.</param>
/// <param name="ContentType">Of the request.</param>
internal sealed record Question(
    string Name,
    string Path,
    string Body,
    string? Form,
    int Status = 200,
    string Text = "",
    string ContentType = "application/json"
);

/// <summary>A subscription and what it brings.</summary>
/// <param name="Body">The subscription object.</param>
/// <param name="Echo">The acknowledged one.</param>
/// <param name="Channel">Of its messages; null for bare lists.</param>
/// <param name="HasFirst">Something comes at once.</param>
internal sealed record Listening(string Body, string Echo, string Channel, bool HasFirst = true);

/// <summary>A frame that is answered with a text on channel <c>error</c>.</summary>
internal sealed record Refused(string Frame, string Text);

/// <summary>The requests of a run: every question of the venue's checklist (protocol 11.2), subscriptions, and what is wrong.</summary>
/// <param name="User">The account that is asked about, in lower case.</param>
/// <param name="Spot">A spot pair of the venue.</param>
/// <param name="NowMs">The venue's clock.</param>
internal sealed record Script(string User, string Spot, long NowMs)
{
    private const string Unreadable = "Failed to deserialize the JSON body into the target type";
    private const string Invalid = "Invalid subscription";
    private const string NoRequest = "Error parsing JSON into valid websocket request";

    /// <summary>What is asked over HTTP.</summary>
    public IEnumerable<Question> Questions => [.. Market(), .. Account(), .. Wrong()];

    /// <summary>Over the socket.</summary>
    public IEnumerable<Listening> Subscriptions
    {
        get
        {
            foreach (var type in (string[])["allMids", "spotAssetCtxs", "allDexsAssetCtxs", "fastAssetCtxs"])
                yield return Same($$"""{"type":"{{type}}"}""", type);
            yield return Same("""{"type":"assetCtxs"}""", "assetCtxs");
            const string book = "{\"type\":\"l2Book\",\"coin\":\"BTC\"";
            yield return new(book + "}", book + ",\"nSigFigs\":null,\"mantissa\":null}", "l2Book");
            yield return new(
                book + ",\"fast\":true}",
                book + ",\"nSigFigs\":null,\"mantissa\":null,\"fast\":true}",
                "l2Book"
            );
            foreach (var type in (string[])["bbo", "trades", "activeAssetCtx"])
                yield return Same($$"""{"type":"{{type}}","coin":"BTC"}""", type);
            yield return Same($$"""{"type":"activeAssetCtx","coin":"{{Spot}}"}""", "activeSpotAssetCtx");
            yield return Same("""{"type":"candle","coin":"BTC","interval":"1m"}""", "candle");
            yield return Same($$"""{"type":"activeAssetData","user":"{{User}}","coin":"BTC"}""", "activeAssetData");
            yield return Same("""{"type":"explorerBlock"}""", "explorerBlock");
            yield return OfUser("userFills", "userFills", ",\"aggregateByTime\":false");
            foreach (
                var type in (string[])
                    [
                        "userFundings",
                        "userNonFundingLedgerUpdates",
                        "userHistoricalOrders",
                        "userTwapSliceFills",
                        "userTwapHistory",
                        "twapStates",
                        "clearinghouseState",
                        "openOrders",
                        "spotState",
                        "webData2",
                        "webData3",
                        "allDexsClearinghouseState",
                    ]
            )
                yield return OfUser(type, type, "");
            yield return Same("""{"type":"outcomeMetaUpdates"}""", "outcomeMetaUpdates") with
            {
                HasFirst = false,
            };
            yield return OfUser("orderUpdates", "orderUpdates", "") with
            {
                HasFirst = false,
            };
            yield return OfUser("userEvents", "user", "") with
            {
                HasFirst = false,
            };
            yield return OfUser("notification", "notification", "") with
            {
                HasFirst = false,
            };
        }
    }

    /// <summary>Frames that are wrong.</summary>
    public static IEnumerable<Refused> Frames =>
        [
            new("{", NoRequest),
            new("""{"method":"dance"}""", NoRequest),
            new("""{"method":"subscribe"}""", NoRequest),
            new("""{"method":"subscribe","subscription":{"type":"tomorrow"}}""", Invalid),
            new("""{"method":"subscribe","subscription":{"type":"bbo","coin":"NO/SUCH"}}""", Invalid),
            new("""{"method":"subscribe","subscription":{"type":"bbo"}}""", Invalid),
            new("""{"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}}""", "Already subscribed"),
            new("""{"method":"unsubscribe","subscription":{"type":"trades","coin":"ETH"}}""", "Already unsubscribed"),
        ];

    private IEnumerable<Question> Market()
    {
        foreach (
            var type in (string[])
                [
                    "meta",
                    "metaAndAssetCtxs",
                    "allPerpMetas",
                    "perpDexs",
                    "spotMeta",
                    "spotMetaAndAssetCtxs",
                    "outcomeMeta",
                    "allMids",
                    "exchangeStatus",
                    "predictedFundings",
                    "perpsAtOpenInterestCap",
                    "maxMarketOrderNtls",
                    "liquidatable",
                    "validatorSummaries",
                    "validatorL1Votes",
                    "gossipRootIps",
                ]
        )
            yield return Ask(type, "");
        yield return Ask("marginTable", ",\"id\":20");
        yield return Ask("l2Book", ",\"coin\":\"BTC\"");
        yield return Ask("l2Book", $",\"coin\":\"{Spot}\"");
        yield return Ask("l2Book", ",\"coin\":\"BTC\",\"nSigFigs\":3");
        yield return Ask("recentTrades", ",\"coin\":\"BTC\"");
        yield return Ask("fundingHistory", $",\"coin\":\"BTC\",\"startTime\":{Ago(36)}");
        yield return Ask(
            "candleSnapshot",
            $$""","req":{"coin":"BTC","interval":"1m","startTime":{{Ago(1)}},"endTime":{{NowMs}}}"""
        );
    }

    private IEnumerable<Question> Account()
    {
        foreach (
            var type in (string[])
                [
                    "clearinghouseState",
                    "spotClearinghouseState",
                    "portfolio",
                    "userFees",
                    "userRateLimit",
                    "userRole",
                    "userAbstraction",
                    "userDexAbstraction",
                    "subAccounts",
                    "subAccounts2",
                    "extraAgents",
                    "approvedBuilders",
                    "userVaultEquities",
                    "userToMultiSigSigners",
                    "delegations",
                    "openOrders",
                    "frontendOpenOrders",
                    "historicalOrders",
                    "userFills",
                    "userTwapSliceFills",
                    "twapHistory",
                    "webData2",
                ]
        )
            yield return Ask(type, $",\"user\":\"{User}\"");
        foreach (
            var type in (string[])
                ["userFillsByTime", "userFunding", "userNonFundingLedgerUpdates", "userTwapSliceFillsByTime"]
        )
            yield return Ask(type, $",\"user\":\"{User}\",\"startTime\":{Ago(24)}");
        yield return Ask("activeAssetData", $",\"user\":\"{User}\",\"coin\":\"BTC\"");
        yield return Ask("maxBuilderFee", $",\"user\":\"{User}\",\"builder\":\"{User}\"");
        yield return Ask("orderStatus", $",\"user\":\"{User}\",\"oid\":1");
        yield return Ask("orderStatus", $",\"user\":\"{User}\",\"oid\":\"0x{new string('0', 31)}1\"");
    }

    private static IEnumerable<Question> Wrong()
    {
        yield return new("no JSON", "/info", "{", null, 400);
        yield return new("another content type", "/info", """{"type":"meta"}""", null, 415, "", "text/plain");
        yield return new("an unknown type", "/info", """{"type":"tomorrow"}""", null, 422, Unreadable);
        yield return new("a member is missing", "/info", """{"type":"l2Book"}""", null, 422, Unreadable);
        yield return new("no address", "/info", """{"type":"openOrders","user":"me"}""", null, 422, Unreadable);
        yield return new(
            "an unknown interval",
            "/info",
            """{"type":"candleSnapshot","req":{"coin":"BTC","interval":"7m","startTime":0}}""",
            null,
            422,
            Unreadable
        );
        yield return new(
            "an action without a signature",
            "/exchange",
            """{"action":{"type":"noop"}}""",
            null,
            422,
            Unreadable
        );
        yield return new("nothing", "/exchange", "{}", null, 422, Unreadable);
    }

    private static Question Ask(string type, string more) =>
        new(
            type + more.Replace("\"", "", StringComparison.Ordinal),
            "/info",
            $$"""{"type":"{{type}}"{{more}}}""",
            type
        );

    private static Listening Same(string body, string channel) => new(body, body, channel);

    // Addresses are asked in capitals and come back in lower case.
    private Listening OfUser(string type, string channel, string added)
    {
        var capitals = "0x" + User[2..].ToUpperInvariant();
        return new(
            $$"""{"type":"{{type}}","user":"{{capitals}}"}""",
            $$"""{"type":"{{type}}","user":"{{User}}"{{added}}}""",
            channel
        );
    }

    private string Ago(int hours) => (NowMs - hours * 3_600_000L).ToString(CultureInfo.InvariantCulture);
}
