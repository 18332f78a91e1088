namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// A side of an account that money leaves or comes to.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal Pocket =
    | Perp
    | Spot of token: int

/// Money between the sides of an account, between accounts, and out of the venue.
module internal Moving =
    let short = "Insufficient balance for withdrawal."
    let shortToken = "Insufficient balance for token transfer"
    let invalid = "Invalid send"

    /// What an amount of a token is worth, 1e-8 USDC.
    let private worth (s: VenueState) (token: string) (amount: int64) : int64 =
        match Listing.tokenOf token with
        | ValueSome t when t.Index > 0 ->
            match Listing.ofToken t.Index with
            | ValueSome m -> Figures.worth s.Markets[m.Id].Mark amount
            | ValueNone -> amount
        | _ -> amount

    let ledger (s: VenueState) (a: VenueAccount) kind amount token toPerp (destination: string) nonce : LedgerRow =
        {
            Time = s.Time
            Hash = s.Hash
            Kind = kind
            Amount = amount
            Value = worth s token amount
            Token = token
            ToPerp = toPerp
            User = a.Address
            Destination = destination
            Nonce = nonce
            Dexes = struct ("", "")
        }

    let tell (s: VenueState) (a: VenueAccount) (row: LedgerRow) =
        a.AddLedger row
        s.Out.Ledger.Add(struct (a.Index, row))

    /// What may leave a side of an account.
    let free (s: VenueState) (a: VenueAccount) (pocket: Pocket) : int64 =
        match pocket with
        | Pocket.Perp -> Figures.transferable s a.Index
        | Pocket.Spot token -> VenueState.spotTotal s a.Index token - VenueState.spotHold s a.Index token

    let credit (s: VenueState) (a: VenueAccount) (pocket: Pocket) (amount: int64) =
        match pocket with
        | Pocket.Perp ->
            VenueState.creditPerp s a.Index amount
            a.PerpFlow <- a.PerpFlow + amount
            a.Flow <- a.Flow + amount
        | Pocket.Spot token ->
            VenueState.creditSpot s a.Index token amount
            a.Flow <- a.Flow + worth s Listing.tokens[token].Name amount

    /// Moves what is free; false when it is not there.
    let move (s: VenueState) (from: VenueAccount) (source: Pocket) (into: VenueAccount) (target: Pocket) amount : bool =
        if amount <= 0L || amount > free s from source then
            false
        else
            credit s from source -amount
            credit s into target amount
            true

    let classTransfer (s: VenueState) (a: VenueAccount) (usd: int64) (toPerp: bool) : VenueAnswer =
        let source, target =
            if toPerp then
                Pocket.Spot 0, Pocket.Perp
            else
                Pocket.Perp, Pocket.Spot 0

        if move s a source a target usd then
            tell s a (ledger s a "accountClassTransfer" usd "USDC" toPerp a.Address 0L)
            VenueAnswer.Default
        else
            VenueAnswer.Err short

    /// Sends to an account, which is opened where there is none yet.
    let private send (s: VenueState) (a: VenueAccount) (destination: string) (pocket: Pocket) amount kind token nonce =
        if destination = a.Address then
            VenueAnswer.Err invalid
        elif amount <= 0L || amount > free s a pocket then
            VenueAnswer.Err(
                match pocket with
                | Pocket.Perp -> short
                | Pocket.Spot _ -> shortToken
            )
        else
            match VenueState.account s destination with
            | ValueNone -> VenueAnswer.Err invalid
            | ValueSome other ->
                move s a pocket other pocket amount |> ignore<bool>
                let row = ledger s a kind amount token true destination nonce
                tell s a row
                tell s other row
                VenueAnswer.Default

    let usdSend (s: VenueState) (a: VenueAccount) (destination: string) (usd: int64) nonce : VenueAnswer =
        send s a destination Pocket.Perp usd "internalTransfer" "USDC" nonce

    let spotSend (s: VenueState) (a: VenueAccount) (destination: string) (token: string) (amount: int64) nonce =
        match Listing.tokenOf token with
        | ValueNone -> VenueAnswer.Err invalid
        | ValueSome t -> send s a destination (Pocket.Spot t.Index) amount "spotTransfer" t.Name nonce

    /// Out of the venue, a dollar of it for the way.
    let withdraw (s: VenueState) (a: VenueAccount) (usd: int64) nonce : VenueAnswer =
        if usd <= 100_000_000L || usd > free s a Pocket.Perp then
            VenueAnswer.Err short
        else
            credit s a Pocket.Perp -usd
            a.NetDeposits <- a.NetDeposits - usd
            tell s a (ledger s a "withdraw" usd "USDC" false a.Address nonce)
            VenueAnswer.Default

    /// The account that an account belongs to; itself when it is nobody's.
    let root (a: VenueAccount) : VenueAccount =
        match a.Master with
        | null -> a
        | master -> master

    let isSame (a: VenueAccount) (b: VenueAccount) = a.Index = b.Index

    let private pocket (dex: string) (token: int) : Pocket voption =
        match dex with
        | "spot" -> ValueSome(Pocket.Spot token)
        | "" when token = 0 -> ValueSome Pocket.Perp
        | _ -> ValueNone

    let private sendFrom (s: VenueState) (from: VenueAccount) (into: VenueAccount) (q: SendAsk) (t: Token) nonce =
        match pocket q.From t.Index, pocket q.To t.Index with
        | ValueSome source, ValueSome target ->
            if isSame from into && q.From = q.To then
                VenueAnswer.Err invalid
            elif move s from source into target q.Amount then
                let row =
                    { ledger s from "send" q.Amount t.Name true into.Address nonce with
                        Dexes = struct (q.From, q.To)
                    }

                tell s from row

                if not (isSame from into) then
                    tell s into row

                VenueAnswer.Default
            else
                VenueAnswer.Err(if q.From = "spot" then shortToken else short)
        | _ -> VenueAnswer.Err invalid

    /// The sub-account of an address; the sentence of a refusal when it is none of this account's.
    let sub (s: VenueState) (a: VenueAccount) (address: string) : Result<VenueAccount, string> =
        match s.Account address with
        | ValueSome other when not (isNull other.Master) && isSame (root other) a -> Ok other
        | _ -> Error("Sub-account " + address + " is not registered to " + a.Address)

    let sendAsset (s: VenueState) (a: VenueAccount) (q: SendAsk) nonce : VenueAnswer =
        let from = if q.Sub = "" then Ok a else sub s a q.Sub

        match from, Listing.tokenOf q.Token with
        | Error text, _ -> VenueAnswer.Err text
        | _, ValueNone -> VenueAnswer.Err invalid
        | Ok from, ValueSome token ->
            let known = s.Account q.Destination

            let isOwn =
                match known with
                | ValueSome other -> isSame (root other) (root a)
                | ValueNone -> false

            if q.IsByAgent && not isOwn then
                VenueAnswer.Err "Agent can only send asset to same user or their sub-accounts."
            else
                // What cannot be sent opens no account.
                match known with
                | ValueSome other -> sendFrom s from other q token nonce
                | ValueNone ->
                    match pocket q.From token.Index, pocket q.To token.Index with
                    | ValueSome source, ValueSome _ when q.Amount > 0L && q.Amount <= free s from source ->
                        match VenueState.account s q.Destination with
                        | ValueSome other -> sendFrom s from other q token nonce
                        | ValueNone -> VenueAnswer.Err invalid
                    | ValueSome _, ValueSome _ -> VenueAnswer.Err(if q.From = "spot" then shortToken else short)
                    | _ -> VenueAnswer.Err invalid
