namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// Sub-accounts, and the one vault: the venue's own maker.
module internal Belonging =
    /// Sub-accounts that an account may have.
    let private mostSubs = 10

    /// USDC traded before an account may have one, where limits hold.
    let private needed = 100_000L

    let private address (s: VenueState) (a: VenueAccount) : string =
        let key = Seed.key s.Config.Seed ("subAccount/" + a.Address)

        let part k =
            (Seed.draw key (int64 (3 * a.Subs.Count + k))).ToString "x16"

        "0x" + part 0 + part 1 + (part 2).Substring 8

    let create (s: VenueState) (a: VenueAccount) (name: string) : VenueAnswer =
        if s.Config.HasLimits && s.House.Volume[a.Index] < needed * 100_000_000L then
            let traded = Texts.number (s.House.Volume[a.Index] / 1_000_000L * 1_000_000L)

            VenueAnswer.Err
                $"Cannot create sub-accounts until enough volume traded. Required: ${needed}. Traded: ${traded}."
        elif name.Length < 1 || name.Length > 16 then
            VenueAnswer.Err "Invalid sub-account name."
        elif a.Subs.Count >= mostSubs then
            VenueAnswer.Err "Too many sub-accounts."
        else
            match VenueState.account s (address s a) with
            | ValueNone -> VenueAnswer.Err "Too many sub-accounts."
            | ValueSome other ->
                other.Master <- a
                other.Name <- name
                a.Subs.Add other
                VenueAnswer.Text("createSubAccount", other.Address)

    let rename (s: VenueState) (a: VenueAccount) (sub: string) (name: string) : VenueAnswer =
        match Moving.sub s a sub with
        | Error text -> VenueAnswer.Err text
        | Ok _ when name.Length < 1 || name.Length > 16 -> VenueAnswer.Err "Invalid sub-account name."
        | Ok other ->
            other.Name <- name
            VenueAnswer.Default

    let private between
        (s: VenueState)
        (a: VenueAccount)
        (sub: string)
        isDeposit
        (pocket: Pocket)
        amount
        kind
        token
        nonce
        =
        match Moving.sub s a sub with
        | Error text -> VenueAnswer.Err text
        | Ok other ->
            let from, into = if isDeposit then a, other else other, a

            if Moving.move s from pocket into pocket amount then
                let row = Moving.ledger s from kind amount token true into.Address nonce
                Moving.tell s from row
                Moving.tell s into row
                VenueAnswer.Default
            else
                VenueAnswer.Err(
                    match pocket with
                    | Pocket.Perp -> Moving.short
                    | Pocket.Spot _ -> Moving.shortToken
                )

    let transfer (s: VenueState) (a: VenueAccount) (sub: string) (isDeposit: bool) (usd: int64) : VenueAnswer =
        between s a sub isDeposit Pocket.Perp usd "subAccountTransfer" "USDC" 0L

    let spotTransfer (s: VenueState) (a: VenueAccount) (sub: string) (isDeposit: bool) (token: string) amount nonce =
        match Listing.tokenOf token with
        | ValueNone -> VenueAnswer.Err Moving.invalid
        | ValueSome t -> between s a sub isDeposit (Pocket.Spot t.Index) amount "spotTransfer" t.Name nonce

    let classTransfer (s: VenueState) (a: VenueAccount) (sub: string) (usd: int64) (toPerp: bool) : VenueAnswer =
        match Moving.sub s a sub with
        | Ok other -> Moving.classTransfer s other usd toPerp
        | Error text -> VenueAnswer.Err text

    // ---- the vault ----

    let vault = Residents.addresses[Residents.maker]

    let private vaultValue (s: VenueState) : int64 =
        let m = Figures.margins s Residents.maker
        m.Whole

    /// What an account's part of the vault is worth, 1e-8 USDC.
    let equity (s: VenueState) (a: VenueAccount) : int64 =
        Wide.mulDiv a.Shares (max 0L (vaultValue s)) s.VaultShares

    let private deposit (s: VenueState) (a: VenueAccount) (maker: VenueAccount) (usd: int64) : VenueAnswer =
        let worth = vaultValue s
        let all = if s.VaultShares = 0L then worth else s.VaultShares

        if worth <= 0L || not (Moving.move s a Pocket.Perp maker Pocket.Perp usd) then
            VenueAnswer.Err Moving.short
        else
            let shares = Wide.mulDiv usd all worth
            s.VaultShares <- all + shares
            a.Shares <- a.Shares + shares
            a.SharesCost <- a.SharesCost + usd
            Moving.tell s a (Moving.ledger s a "vaultDeposit" usd "USDC" true maker.Address 0L)
            VenueAnswer.Default

    let private withdraw (s: VenueState) (a: VenueAccount) (maker: VenueAccount) (usd: int64) : VenueAnswer =
        let worth = vaultValue s

        if usd > equity s a || not (Moving.move s maker Pocket.Perp a Pocket.Perp usd) then
            VenueAnswer.Err Moving.short
        else
            let shares = min a.Shares (Wide.mulDiv usd s.VaultShares worth + 1L)
            let cost = Wide.mulDiv a.SharesCost shares (max 1L a.Shares)
            s.VaultShares <- s.VaultShares - shares
            a.Shares <- a.Shares - shares
            a.SharesCost <- a.SharesCost - cost
            // The row of a withdrawal says what it had cost in place of what it is worth.
            let row = Moving.ledger s a "vaultWithdraw" usd "USDC" true maker.Address 0L
            Moving.tell s a { row with Value = cost }
            VenueAnswer.Default

    let vaultTransfer (s: VenueState) (a: VenueAccount) (address: string) (isDeposit: bool) (usd: int64) : VenueAnswer =
        if address <> vault then
            VenueAnswer.Err("Vault not registered: " + address)
        else
            let maker = s.Accounts[Residents.maker]

            if isDeposit then
                deposit s a maker usd
            else
                withdraw s a maker usd
