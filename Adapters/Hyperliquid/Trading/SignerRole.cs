using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>
/// What the venue says of a signer before anything is signed with it. The venue takes an action for whoever signed it, so that a key of
/// another account would trade that account; and an account's own key is known only by asking, as the named account may be wrong.
/// </summary>
/// <param name="Stranger">Why the key is none of its policy's account; null where it is, or where nobody told.</param>
/// <param name="Unknown">Why the venue does not tell whose key it is; null where it does.</param>
/// <param name="IsSilent">The venue did not answer, or not as the protocol says.</param>
public sealed record SignerRole(string? Stranger, string? Unknown, bool IsSilent)
{
    /// <summary>Why a run must not begin with the key; null where it may. What is unknown refuses too.</summary>
    public string? Refusal => Stranger ?? Unknown;

    /// <summary>
    /// Asks for the role of the key's signer. It may be an API wallet of the policy's master; or the master itself, on a test network
    /// alone: whoever loaded the key was asked for <c>--i-know</c>. A master of zero stands for the key's own account.
    /// </summary>
    public static async Task<SignerRole> AskAsync(IVenueRest rest, TradingKey key, CancellationToken stop)
    {
        var (role, why) = await rest.AskAsync(Info.UserRole, Question.Of("userRole", key.Signer), stop)
            .ConfigureAwait(false);
        return role is null
            ? new(null, $"the venue does not say whose key {key.Signer} is: {why}", true)
            : Judge(role, key.Signer, key.Policy);
    }

    /// <summary>What <paramref name="role"/> of <paramref name="signer"/> means under a policy.</summary>
    public static SignerRole Judge(UserRole role, Address signer, KeyPolicy policy)
    {
        var master = policy.Master.IsZero ? signer : policy.Master;
        return role switch
        {
            { Role: "agent", Master: { } whose } => new(Whose(whose, signer, master), null, false),
            { Role: "missing" } => new(
                null,
                $"{signer} is nobody at the venue: no API wallet of {master}, and without funds; fund it, or let the account approve it",
                false
            ),
            { Role: "user" } when policy.IsMainnet => new(
                $"{signer} is an account's own key; on mainnet only an API wallet's key is taken: approve one and use that",
                null,
                false
            ),
            { Role: "user" } when signer == master => new(null, null, false),
            { Role: "user" } => new(
                $"{signer} is an account of its own, not an API wallet of {master}: name the key's account",
                null,
                false
            ),
            _ => new(
                $"{signer} is a {role.Role} at the venue, not an API wallet of {master}: use the key of an API wallet",
                null,
                false
            ),
        };
    }

    private static string? Whose(string account, Address signer, Address master) =>
        Address.TryParse(account, out var whose) && whose == master
            ? null
            : $"{signer} is an API wallet of {account}, not of {master}: name the account that approved it";
}
