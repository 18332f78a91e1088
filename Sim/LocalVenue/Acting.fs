namespace Vrlg.Sim.LocalVenue

open System.Collections.Generic
open Vrlg.Core
open Vrlg.Sim

/// From a signed request to its answer (hyperliquid-protocol.md 4.6, 4.7 and 10.6): who signed, which nonce, may it, what it does.
module internal Acting =
    let private dayMs = 86_400_000L

    /// Milliseconds that an instant can still hold: whatever is scheduled later never comes.
    let private latest = System.Int64.MaxValue / 1_000_000L

    let private unknown (signer: string) =
        "User or API Wallet " + signer + " does not exist."

    // ---- who, and which nonce ----

    /// The account that a signer acts for; the sentence of a refusal otherwise.
    let private actor (s: VenueState) (q: Submission) : Result<VenueAccount, string> =
        let own = s.Account q.Signer

        if q.IsUserSigned then
            match own with
            | ValueSome a -> Ok a
            | ValueNone -> Error("Must deposit before performing actions. User: " + q.Signer)
        else
            match s.Agents.TryGetValue q.Signer with
            | true, a -> Ok a
            | _ ->
                match own with
                | ValueSome a -> Ok a
                | ValueNone when s.Replaced.Contains q.Signer ->
                    Error("Must deposit before performing actions. User: " + q.Signer)
                | ValueNone -> Error(unknown q.Signer)

    let private kept (s: VenueState) (signer: string) : SortedSet<int64> =
        match s.Nonces.TryGetValue signer with
        | true, set -> set
        | _ ->
            let set = SortedSet<int64>()
            s.Nonces[signer] <- set
            set

    /// What is wrong with a nonce; null when it may be used.
    let private badNonce (s: VenueState) (q: Submission) : string | null =
        let set = kept s q.Signer
        let low, high = s.Time - 2L * dayMs, s.Time + dayMs
        let n = q.Nonce

        if n <= low then
            $"Invalid nonce: nonce too low {n} < {low}"
        elif n >= high then
            $"Invalid nonce: nonce too high {n} > {high}"
        elif set.Contains n then
            $"Invalid nonce: duplicate nonce {n}"
        elif set.Count >= 100 && n < set.Min then
            $"Invalid nonce: nonce too low {n} < {set.Min}"
        else
            null

    let private keep (s: VenueState) (q: Submission) =
        let set = kept s q.Signer
        set.Add q.Nonce |> ignore

        if set.Count > 100 then
            set.Remove set.Min |> ignore

    // ---- allowance ----

    /// Requests that an action counts, and whether it only cancels.
    let private cost (action: Action) : struct (int64 * bool) =
        match action with
        | Action.Order(orders, _) -> struct (max 1L orders.LongLength, false)
        | Action.Cancel cancels -> struct (max 1L cancels.LongLength, true)
        | Action.Modify(modifies, _, _) -> struct (max 1L modifies.LongLength, false)
        | _ -> struct (1L, false)

    let private overAllowance (s: VenueState) (a: VenueAccount) (action: Action) : string | null =
        let limit = Figures.allowance s a.Index
        let struct (asked, isCancel) = cost action

        let most =
            if isCancel then
                min (limit + 100_000L) (2L * limit)
            else
                limit

        if s.Config.HasLimits && a.Used + asked > most then
            let volume = s.House.Volume[a.Index] / 1_000_000L
            let cents = (volume % 100L).ToString "D2"

            let advice = "Place taker orders to free up 1 request per USDC traded."

            let traded = $"for cumulative volume traded ${volume / 100L}.{cents}"
            $"Too many cumulative requests sent ({a.Used} > {limit}) {traded}. {advice}"
        else
            a.Used <- a.Used + asked
            null

    // ---- actions ----

    let private ledger (s: VenueState) (a: VenueAccount) kind amount token toPerp (destination: string) nonce =
        let row: LedgerRow =
            {
                Time = s.Time
                Hash = s.Hash
                Kind = kind
                Amount = amount
                Token = token
                ToPerp = toPerp
                User = a.Address
                Destination = destination
                Nonce = nonce
            }

        row

    let private tell (s: VenueState) (a: VenueAccount) (row: LedgerRow) =
        a.AddLedger row
        s.Out.Ledger.Add(struct (a.Index, row))

    let private transfer (s: VenueState) (a: VenueAccount) (usd: int64) (toPerp: bool) : VenueAnswer =
        let free =
            if toPerp then
                VenueState.spotTotal s a.Index 0 - VenueState.spotHold s a.Index 0
            else
                Figures.transferable s a.Index

        if usd <= 0L || usd > free then
            VenueAnswer.Err "Insufficient balance for withdrawal."
        else
            let toSpot = if toPerp then -usd else usd
            VenueState.creditPerp s a.Index -toSpot
            VenueState.creditSpot s a.Index 0 toSpot
            tell s a (ledger s a "accountClassTransfer" usd "USDC" toPerp a.Address 0L)
            VenueAnswer.Default

    let private usdSend (s: VenueState) (a: VenueAccount) (destination: string) (usd: int64) nonce : VenueAnswer =
        if destination = a.Address then
            VenueAnswer.Err "Invalid send"
        elif usd <= 0L || usd > Figures.transferable s a.Index then
            VenueAnswer.Err "Insufficient balance for withdrawal."
        else
            match VenueState.account s destination with
            | ValueNone -> VenueAnswer.Err "Invalid send"
            | ValueSome other ->
                VenueState.creditPerp s a.Index -usd
                VenueState.creditPerp s other.Index usd
                let row = ledger s a "internalTransfer" usd "USDC" true destination nonce
                tell s a row
                tell s other row
                VenueAnswer.Default

    let private spotSend (s: VenueState) (a: VenueAccount) (destination: string) (token: string) (amount: int64) nonce =
        match Listing.tokenOf token with
        | ValueNone -> VenueAnswer.Err "Invalid send"
        | ValueSome _ when destination = a.Address -> VenueAnswer.Err "Invalid send"
        | ValueSome t ->
            let free =
                VenueState.spotTotal s a.Index t.Index - VenueState.spotHold s a.Index t.Index

            if amount <= 0L || amount > free then
                VenueAnswer.Err "Insufficient balance for token transfer"
            else
                match VenueState.account s destination with
                | ValueNone -> VenueAnswer.Err "Invalid send"
                | ValueSome other ->
                    VenueState.creditSpot s a.Index t.Index -amount
                    VenueState.creditSpot s other.Index t.Index amount
                    let row = ledger s a "spotTransfer" amount t.Name false destination nonce
                    tell s a row
                    tell s other row
                    VenueAnswer.Default

    let private withdraw (s: VenueState) (a: VenueAccount) (usd: int64) nonce : VenueAnswer =
        if usd <= 100_000_000L || usd > Figures.transferable s a.Index then
            VenueAnswer.Err "Insufficient balance for withdrawal."
        else
            VenueState.creditPerp s a.Index -usd
            a.NetDeposits <- a.NetDeposits - usd
            tell s a (ledger s a "withdraw" usd "USDC" false a.Address nonce)
            VenueAnswer.Default

    let private scheduleCancel (s: VenueState) (a: VenueAccount) (time: int64 voption) : VenueAnswer =
        let needed = 1_000_000L

        match time with
        | ValueNone ->
            a.Scheduled <- ValueNone
            s.Exchange <- Exchange.scheduleCancel s.Exchange (AccountId.Of a.Index) ValueNone
            VenueAnswer.Default
        | ValueSome _ when s.Config.HasLimits && s.House.Volume[a.Index] < needed * 100_000_000L ->
            let traded = Texts.number (s.House.Volume[a.Index] / 1_000_000L * 1_000_000L)

            VenueAnswer.Err
                $"Cannot set scheduled cancel time until enough volume traded. Required: ${needed}. Traded: ${traded}."
        | ValueSome t when t < s.Time + 5_000L -> VenueAnswer.Err "Invalid scheduled cancel time."
        | ValueSome _ when a.TriggeredDay = s.Time / dayMs && a.Triggered >= 10 ->
            VenueAnswer.Err "Too many scheduled cancels triggered for the day. Limit is 10"
        | ValueSome t ->
            let t = min t latest
            a.Scheduled <- ValueSome t
            s.Exchange <- Exchange.scheduleCancel s.Exchange (AccountId.Of a.Index) (ValueSome(Instant.OfMs t))
            VenueAnswer.Default

    let private updateLeverage
        (s: VenueState)
        (a: VenueAccount)
        (asset: int)
        (isCross: bool)
        (leverage: int)
        : VenueAnswer =
        match Listing.ofAsset asset with
        | ValueSome m when not m.IsSpot && leverage >= 1 && leverage <= m.Rules.MaxLeverage ->
            if not isCross then
                VenueAnswer.Err "This venue keeps cross margin only."
            else
                let place = a.Index * Listing.markets.Length + m.Id
                let was = s.House.Leverages[place]
                s.House.Leverages[place] <- leverage
                let now = Figures.margins s a.Index

                if leverage < was && s.Position(a.Index, m) <> 0L && now.Used > now.Value then
                    s.House.Leverages[place] <- was
                    VenueAnswer.Err "Cross position does not have sufficient margin available to decrease leverage."
                else
                    VenueAnswer.Default
        | ValueSome m when not m.IsSpot -> VenueAnswer.Err "Invalid leverage."
        | _ -> VenueAnswer.Err("Invalid asset. asset=" + string asset)

    /// The name and the end of validity that an agent's name carries; 90 days from now without one.
    let private validity (s: VenueState) (name: string) : Result<struct (string * int64), string> =
        match name.IndexOf " valid_until " with
        | -1 -> Ok(struct (name, s.Time + 90L * dayMs))
        | i ->
            match System.Int64.TryParse(name.Substring(i + 13)) with
            | true, until when until > s.Time && until <= s.Time + 180L * dayMs ->
                Ok(struct (name.Substring(0, i), until))
            | _ -> Error "Agent valid_until already expired."

    let private drop (s: VenueState) (a: VenueAccount) (place: int) (isReplaced: bool) =
        let struct (_, was, _) = a.Agents[place]
        a.Agents.RemoveAt place
        s.Agents.Remove was |> ignore

        if isReplaced then
            s.Replaced.Add was |> ignore

    let private approve (s: VenueState) (a: VenueAccount) (address: string) (name: string) : VenueAnswer =
        match validity s name with
        | Error text -> VenueAnswer.Err text
        | Ok(struct (name, until)) ->
            let place = a.Agents.FindIndex(fun (struct (n, _, _)) -> n = name)
            let named = a.Agents |> Seq.filter (fun (struct (n, _, _)) -> n <> "") |> Seq.length
            let isZero = address = "0x" + System.String('0', 40)

            if isZero then
                if place >= 0 then
                    drop s a place false

                VenueAnswer.Default
            elif s.Agents.ContainsKey address || s.ByAddress.ContainsKey address then
                VenueAnswer.Err "Extra agent already used."
            elif name.Length > 16 then
                VenueAnswer.Err "Agent name is too long."
            elif name <> "" && place < 0 && named >= 3 then
                VenueAnswer.Err "Too many extra agents for cumulative volume traded. Current limit is 3"
            else
                if place >= 0 then
                    drop s a place true

                s.Replaced.Remove address |> ignore
                a.Agents.Add(struct (name, address, until))
                s.Agents[address] <- a
                VenueAnswer.Default

    let private perform (s: VenueState) (a: VenueAccount) (q: Submission) (sub: int -> unit) : VenueAnswer =
        match q.Action with
        | Action.Order(orders, kind) -> Placing.orders s a orders kind sub
        | Action.Cancel cancels ->
            let ended =
                cancels |> Array.map (fun struct (asset, name) -> Placing.cancel s a asset name)

            VenueAnswer.Statuses("cancel", ended)
        | Action.Modify(modifies, always, isBatch) ->
            let done' = modifies |> Array.map (fun m -> Replacing.modify s a m always)

            match done' with
            | [| Status.Error text |] when not isBatch -> VenueAnswer.Err text
            | _ when not isBatch -> VenueAnswer.Default
            | statuses -> VenueAnswer.Statuses("order", statuses)
        | Action.ScheduleCancel time -> scheduleCancel s a time
        | Action.UpdateLeverage(asset, isCross, leverage) -> updateLeverage s a asset isCross leverage
        | Action.Nothing -> VenueAnswer.Default
        | Action.ApproveAgent(address, name) -> approve s a address name
        | Action.ClassTransfer(usd, toPerp) -> transfer s a usd toPerp
        | Action.UsdSend(destination, usd) -> usdSend s a destination usd q.Nonce
        | Action.SpotSend(destination, token, amount) -> spotSend s a destination token amount q.Nonce
        | Action.Withdraw usd -> withdraw s a usd q.Nonce
        | Action.Refused text -> VenueAnswer.Err text

    /// The whole way of one request. An early refusal leaves its nonce unused.
    let submit (s: VenueState) (q: Submission) (sub: int -> unit) : VenueAnswer =
        match actor s q with
        | Error text -> VenueAnswer.Err text
        | Ok a ->
            let trouble =
                match q.Trouble with
                | null -> badNonce s q
                | text -> text

            match trouble with
            | null ->
                if q.Expires > 0L && s.Time > q.Expires then
                    a.Used <- a.Used + 5L
                    VenueAnswer.Err "Action already expired"
                else
                    match q.Vault with
                    | null ->
                        match overAllowance s a q.Action with
                        | null ->
                            keep s q
                            let answer = perform s a q sub
                            Placing.settleFamilies s
                            answer
                        | text -> VenueAnswer.Err text
                    | vault -> VenueAnswer.Err("Vault not registered: " + vault)
            | text -> VenueAnswer.Err text

    /// The class of an action inside its block (8.1): 0 neither takes nor cancels, 1 cancels, 2 takes.
    let order (q: Submission) : int =
        let takes (o: OrderAsk) = o.Trigger.IsNone && o.Tif <> "Alo"

        match q.Action with
        | Action.Cancel _ -> 1
        | Action.Order(orders, _) when Array.exists takes orders -> 2
        | Action.Modify(modifies, _, _) when modifies |> Array.exists (fun m -> takes m.Order) -> 2
        | _ -> 0
