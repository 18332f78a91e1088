using System.Globalization;
using System.Text.Json;
using Vrlg.Sim.LocalVenue;
using Action = Vrlg.Sim.LocalVenue.Action;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// Actions that do not trade: transfers, sub-accounts, wallets, builders (protocol 3.2, 3.3). What cannot be read is no request at
/// all; what the venue does not keep is answered with a sentence.
/// </summary>
internal static class MoneyActionReader
{
    private const long MostMillionths = long.MaxValue / 200;

    /// <summary>Reads an action of a type; false when a member is missing or of the wrong kind.</summary>
    public static bool TryRead(string type, JsonElement from, out Action action)
    {
        action = Action.Nothing;
        return type switch
        {
            "approveAgent" => TryAgent(from, out action),
            "approveBuilderFee" => TryBuilder(from, out action),
            "claimRewards" => TryClaim(out action),
            "reserveRequestWeight" => TryReserve(from, out action),
            "usdClassTransfer" => TryClassTransfer(from, out action),
            "usdSend" or "withdraw3" => TryUsd(from, type, out action),
            "spotSend" => TrySpotSend(from, out action),
            "sendAsset" or "agentSendAsset" => TrySend(from, type, out action),
            "createSubAccount" => TryCreate(from, out action),
            "subAccountModify" => TryRename(from, out action),
            "subAccountTransfer" => TrySubTransfer(from, out action),
            "subAccountSpotTransfer" => TrySubSpotTransfer(from, out action),
            "vaultTransfer" => TryVault(from, out action),
            _ => TryOther(type, out action),
        };
    }

    /// <summary>Millionths of a dollar as 1e-8.</summary>
    public static long OfMillionths(long millionths) => Math.Clamp(millionths, -MostMillionths, MostMillionths) * 100;

    private static bool TryOther(string type, out Action action)
    {
        action = Action.NewRefused($"This venue does not keep {type}.");
        return true;
    }

    private static bool TryClaim(out Action action)
    {
        action = Action.ClaimRewards;
        return true;
    }

    private static bool TryAgent(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !Asked.TryAddress(from, "agentAddress", out var address)
            || !Asked.TryOptionalText(from, "agentName", out var name)
        )
            return false;
        action = Action.NewApproveAgent(address, name);
        return true;
    }

    private static bool TryBuilder(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (!Asked.TryAddress(from, "builder", out var builder) || !Asked.TryText(from, "maxFeeRate", out var rate))
            return false;
        action = Action.NewApproveBuilder(builder, Tenths(rate));
        return true;
    }

    // 0.001% is a tenth of a basis point.
    private static long Tenths(string rate)
    {
        if (
            !rate.EndsWith('%')
            || rate.Length > 12
            || !decimal.TryParse(
                rate.AsSpan(0, rate.Length - 1),
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var percent
            )
        )
            return -1;
        var tenths = percent * 1_000m;
        return tenths == decimal.Truncate(tenths) ? (long)tenths : -1;
    }

    private static bool TryReserve(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (!Asked.TryWhole(from, "weight", out var weight))
            return false;
        string? into = null;
        if (!Asked.IsAbsent(from, "destination"))
        {
            if (!Asked.TryAddress(from, "destination", out var named))
                return false;
            into = named;
        }

        action = Action.NewReserve(weight, into);
        return true;
    }

    // An amount may name the sub-account that it is for.
    private static bool TryClassTransfer(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (!Asked.TryText(from, "amount", out var amount) || !Asked.TryFlag(from, "toPerp", out var toPerp))
            return false;
        const string mark = " subaccount:";
        var at = amount.IndexOf(mark, StringComparison.Ordinal);
        action =
            at < 0
                ? Action.NewClassTransfer(Asked.Amount(amount), toPerp)
                : Action.NewSubClassTransfer(
                    amount[(at + mark.Length)..].ToLowerInvariant(),
                    Asked.Amount(amount[..at]),
                    toPerp
                );
        return true;
    }

    private static bool TryUsd(JsonElement from, string type, out Action action)
    {
        action = Action.Nothing;
        if (!Asked.TryText(from, "amount", out var amount) || !Asked.TryAddress(from, "destination", out var to))
            return false;
        var usd = Asked.Amount(amount);
        action = type == "usdSend" ? Action.NewUsdSend(to, usd) : Action.NewWithdraw(usd);
        return true;
    }

    private static bool TrySpotSend(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !Asked.TryText(from, "amount", out var amount)
            || !Asked.TryText(from, "token", out var token)
            || !Asked.TryAddress(from, "destination", out var to)
        )
            return false;
        action = Action.NewSpotSend(to, token, Asked.Amount(amount));
        return true;
    }

    private static bool TrySend(JsonElement from, string type, out Action action)
    {
        action = Action.Nothing;
        if (
            !Asked.TryAddress(from, "destination", out var to)
            || !Asked.TryText(from, "sourceDex", out var source)
            || !Asked.TryText(from, "destinationDex", out var target)
            || !Asked.TryText(from, "token", out var token)
            || !Asked.TryText(from, "amount", out var amount)
            || !Asked.TryText(from, "fromSubAccount", out var sub)
        )
            return false;
        action = Action.NewSendAsset(
            new SendAsk(
                to,
                source,
                target,
                token,
                Asked.Amount(amount),
                sub.ToLowerInvariant(),
                type == "agentSendAsset"
            )
        );
        return true;
    }

    private static bool TryCreate(JsonElement from, out Action action)
    {
        var ok = Asked.TryText(from, "name", out var name);
        action = Action.NewCreateSub(name);
        return ok;
    }

    private static bool TryRename(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (!Asked.TryAddress(from, "subAccountUser", out var sub) || !Asked.TryText(from, "name", out var name))
            return false;
        action = Action.NewRenameSub(sub, name);
        return true;
    }

    private static bool TrySubTransfer(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !Asked.TryAddress(from, "subAccountUser", out var sub)
            || !Asked.TryFlag(from, "isDeposit", out var isDeposit)
            || !Asked.TryWhole(from, "usd", out var millionths)
        )
            return false;
        action = Action.NewSubTransfer(sub, isDeposit, OfMillionths(millionths));
        return true;
    }

    private static bool TrySubSpotTransfer(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !Asked.TryAddress(from, "subAccountUser", out var sub)
            || !Asked.TryFlag(from, "isDeposit", out var isDeposit)
            || !Asked.TryText(from, "token", out var token)
            || !Asked.TryText(from, "amount", out var amount)
        )
            return false;
        action = Action.NewSubSpotTransfer(sub, isDeposit, token, Asked.Amount(amount));
        return true;
    }

    private static bool TryVault(JsonElement from, out Action action)
    {
        action = Action.Nothing;
        if (
            !Asked.TryAddress(from, "vaultAddress", out var vault)
            || !Asked.TryFlag(from, "isDeposit", out var isDeposit)
            || !Asked.TryWhole(from, "usd", out var millionths)
        )
            return false;
        action = Action.NewVaultTransfer(vault, isDeposit, OfMillionths(millionths));
        return true;
    }
}
