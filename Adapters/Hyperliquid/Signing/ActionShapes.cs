using System.Collections.Frozen;
using static Vrlg.Adapters.Hyperliquid.Signing.ActionShape;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// Every L1-signed action of protocol 3.1 and 3.2 with its members in the order that is hashed. Adding an action is adding a
/// row.
/// </summary>
internal static class ActionShapes
{
    private static readonly Text Said = new();
    private static readonly Number Decimal = new();
    private static readonly HexText Hexed = new();
    private static readonly Whole Int = new();
    private static readonly Flag Bool = new();

    private static readonly Map Order = new(
        Of("a", Int),
        Of("b", Bool),
        Of("p", Decimal),
        Of("s", Decimal),
        Of("r", Bool),
        Of(
            "t",
            new Map(
                Opt("limit", new Map(Of("tif", Said))),
                Opt("trigger", new Map(Of("isMarket", Bool), Of("triggerPx", Decimal), Of("tpsl", Said)))
            )
        ),
        Opt("c", Hexed)
    );

    private static readonly FrozenDictionary<string, Map> Table = new Dictionary<string, Map>(StringComparer.Ordinal)
    {
        ["order"] = Action(
            Of("orders", new List(Order)),
            Of("grouping", new TextOr(new Map(Of("p", Int)))),
            Opt("builder", new Map(Of("b", Hexed), Of("f", Int)))
        ),
        ["cancel"] = Action(Of("cancels", new List(new Map(Of("a", Int), Of("o", Int)))), True("f")),
        ["cancelByCloid"] = Action(Of("cancels", new List(new Map(Of("asset", Int), Of("cloid", Hexed)))), True("f")),
        ["modify"] = Action(Of("oid", new OrderId()), Of("order", Order), True("a")),
        ["batchModify"] = Action(
            Of("modifies", new List(new Map(Of("oid", new OrderId()), Of("order", Order)))),
            True("a")
        ),
        ["scheduleCancel"] = Action(Opt("time", Int)),
        ["updateLeverage"] = Action(Of("asset", Int), Of("isCross", Bool), Of("leverage", Int)),
        ["updateIsolatedMargin"] = Action(Of("asset", Int), Of("isBuy", Bool), Of("ntli", Int)),
        ["topUpIsolatedOnlyMargin"] = Action(Of("asset", Int), Of("leverage", Said)),
        ["twapOrder"] = Action(
            Of(
                "twap",
                new Map(Of("a", Int), Of("b", Bool), Of("s", Decimal), Of("r", Bool), Of("m", Int), Of("t", Bool))
            ),
            Opt(
                "details",
                new Map(Of("t", new OrNull(new Map(Of("p", Decimal), Of("a", Bool)))), Of("s", new OrNull(Decimal)))
            )
        ),
        ["twapCancel"] = Action(Of("a", Int), Of("t", Int)),
        ["noop"] = Action(),
        ["reserveRequestWeight"] = Action(Of("weight", Int), Opt("destination", Hexed)),
        ["vaultTransfer"] = Action(Of("vaultAddress", Hexed), Of("isDeposit", Bool), Of("usd", Int)),
        ["subAccountTransfer"] = Action(Of("subAccountUser", Hexed), Of("isDeposit", Bool), Of("usd", Int)),
        ["subAccountSpotTransfer"] = Action(
            Of("subAccountUser", Hexed),
            Of("isDeposit", Bool),
            Of("token", Said),
            Of("amount", Said)
        ),
        ["createSubAccount"] = Action(Of("name", Said)),
        ["subAccountModify"] = Action(Of("subAccountUser", Hexed), Of("name", Said)),
        ["setReferrer"] = Action(Of("code", Said)),
        ["registerReferrer"] = Action(Of("code", Said)),
        ["setDisplayName"] = Action(Of("displayName", Said)),
        ["spotUser"] = Action(Of("toggleSpotDusting", new Map(Of("optOut", Bool)))),
        ["claimRewards"] = Action(),
        ["createVault"] = Action(Of("name", Said), Of("description", Said), Of("initialUsd", Int), Of("nonce", Int)),
        ["vaultModify"] = Action(
            Of("vaultAddress", Hexed),
            Of("allowDeposits", new OrNull(Bool)),
            Of("alwaysCloseOnWithdraw", new OrNull(Bool))
        ),
        ["vaultDistribute"] = Action(Of("vaultAddress", Hexed), Of("usd", Int)),
        ["agentSendAsset"] = Action(
            Of("destination", Hexed),
            Of("sourceDex", Said),
            Of("destinationDex", Said),
            Of("token", Said),
            Of("amount", Said),
            Of("fromSubAccount", Said),
            Of("nonce", Int)
        ),
        ["agentSetAbstraction"] = Action(Of("abstraction", Said)),
        ["agentEnableDexAbstraction"] = Action(),
        ["evmUserModify"] = Action(Of("usingBigBlocks", Bool)),
        ["borrowLend"] = Action(Of("operation", Said), Of("token", Int), Of("amount", new OrNull(Said))),
        ["gossipPriorityBid"] = Action(Of("slotId", Int), Of("ip", Said), Of("maxGas", Int)),
        ["userOutcome"] = Action(
            Opt("splitOutcome", new Map(Of("outcome", Int), Of("amount", new OrNull(Said)))),
            Opt("mergeOutcome", new Map(Of("outcome", Int), Of("amount", new OrNull(Said)))),
            Opt("mergeQuestion", new Map(Of("question", Int), Of("amount", new OrNull(Said)))),
            Opt("negateOutcome", new Map(Of("question", Int), Of("outcome", Int), Of("amount", new OrNull(Said))))
        ),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every <c>type</c> that is signed as an L1 action.</summary>
    public static IEnumerable<string> Types => Table.Keys;

    /// <summary>The shape of an action <c>type</c>, its own name included; null for one that is not L1-signed.</summary>
    public static Map? Find(string type) => Table.GetValueOrDefault(type);

    private static Map Action(params ActionField[] fields) => new([Of("type", Said), .. fields]);

    private static ActionField Of(string name, ActionShape shape) => new(name, shape);

    private static ActionField Opt(string name, ActionShape shape) => new(name, shape, Presence.Optional);

    private static ActionField True(string name) => new(name, Bool, Presence.TrueOnly);
}
