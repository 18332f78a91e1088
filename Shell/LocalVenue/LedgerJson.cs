using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What moved an account's money beside trades and funding (protocol 2.3, ledger delta types).</summary>
internal static class LedgerJson
{
    /// <summary>Writes a row.</summary>
    public static void Write(Utf8JsonWriter json, LedgerRow r)
    {
        json.WriteStartObject();
        json.WriteNumber("time", r.Time);
        json.WriteString("hash", r.Hash);
        json.WriteStartObject("delta");
        json.WriteString("type", r.Kind);
        switch (r.Kind)
        {
            case "spotTransfer" or "send":
                Sent(json, r);
                break;
            case "vaultWithdraw":
                Withdrawn(json, r);
                break;
            case "vaultDeposit":
                json.WriteString("vault", r.Destination);
                json.WriteAmount("usdc", r.Amount);
                break;
            case "rewardsClaim":
                json.WriteAmount("amount", r.Amount);
                json.WriteString("token", r.Token);
                break;
            default:
                Dollars(json, r);
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Sent(Utf8JsonWriter json, LedgerRow r)
    {
        json.WriteString("user", r.User);
        json.WriteString("destination", r.Destination);
        if (r.Kind == "send")
        {
            var (source, target) = r.Dexes;
            json.WriteString("sourceDex", source);
            json.WriteString("destinationDex", target);
        }

        json.WriteString("token", r.Token);
        json.WriteAmount("amount", r.Amount);
        json.WriteAmount("usdcValue", r.Value);
        json.WriteString("fee", "0.0");
        json.WriteString("nativeTokenFee", "0.0");
        json.WriteNumber("nonce", r.Nonce);
        json.WriteString("feeToken", "");
    }

    private static void Withdrawn(Utf8JsonWriter json, LedgerRow r)
    {
        json.WriteString("vault", r.Destination);
        json.WriteString("user", r.User);
        json.WriteAmount("requestedUsd", r.Amount);
        json.WriteString("commission", "0.0");
        json.WriteString("closingCost", "0.0");
        json.WriteAmount("basis", r.Value);
        json.WriteAmount("netWithdrawnUsd", r.Amount);
    }

    private static void Dollars(Utf8JsonWriter json, LedgerRow r)
    {
        json.WriteAmount("usdc", r.Amount);
        switch (r.Kind)
        {
            case "accountClassTransfer":
                json.WriteBoolean("toPerp", r.ToPerp);
                break;
            case "internalTransfer" or "subAccountTransfer":
                json.WriteString("user", r.User);
                json.WriteString("destination", r.Destination);
                if (r.Kind == "internalTransfer")
                    json.WriteString("fee", "0.0");
                break;
            case "withdraw":
                json.WriteNumber("nonce", r.Nonce);
                json.WriteString("fee", "1.0");
                break;
        }
    }
}
