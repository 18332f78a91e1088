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
        Approving.expire s q.Signer
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
                | ValueSome a when isNull a.Master -> Ok a
                | _ when s.Replaced.Contains q.Signer ->
                    Error("Must deposit before performing actions. User: " + q.Signer)
                | _ -> Error(unknown q.Signer)

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
        | Action.Cancel cancels
        | Action.FastCancel cancels -> struct (max 1L cancels.LongLength, true)
        | Action.Modify(modifies, _, _) -> struct (max 1L modifies.LongLength, false)
        | _ -> struct (1L, false)

    /// Out of requests, an account is still served one every so often (7.2).
    let private spareMs = 10_000L

    let private overAllowance (s: VenueState) (a: VenueAccount) (action: Action) : string | null =
        let limit = Figures.allowance s a.Index
        let struct (asked, isCancel) = cost action

        let most =
            if isCancel then
                min (limit + 100_000L) (2L * limit)
            else
                limit

        let used = max 0L (a.Used - a.Reserved)

        let isSpare = asked = 1L && s.Time - a.Served >= spareMs

        if s.Config.HasLimits && used + asked > most && not isSpare then
            let volume = s.House.Volume[a.Index] / 1_000_000L
            let cents = (volume % 100L).ToString "D2"

            let advice = "Place taker orders to free up 1 request per USDC traded."

            let traded = $"for cumulative volume traded ${volume / 100L}.{cents}"
            $"Too many cumulative requests sent ({used} > {limit}) {traded}. {advice}"
        else
            a.Used <- a.Used + asked
            a.Served <- s.Time
            null

    // ---- actions ----

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

    /// What an account does beside trading.
    let private manage (s: VenueState) (a: VenueAccount) (q: Submission) (action: Action) : VenueAnswer =
        match action with
        | Action.ApproveAgent(address, name) -> Approving.approve s a address name
        | Action.ApproveBuilder(builder, rate) -> Approving.approveBuilder a builder rate
        | Action.ClaimRewards -> Approving.claim s a
        | Action.Reserve(weight, destination) -> Approving.reserve s a weight destination
        | Action.ClassTransfer(usd, toPerp) -> Moving.classTransfer s a usd toPerp
        | Action.UsdSend(destination, usd) -> Moving.usdSend s a destination usd q.Nonce
        | Action.SpotSend(destination, token, amount) -> Moving.spotSend s a destination token amount q.Nonce
        | Action.Withdraw usd -> Moving.withdraw s a usd q.Nonce
        | Action.SendAsset send -> Moving.sendAsset s a send q.Nonce
        | Action.CreateSub name -> Belonging.create s a name
        | Action.RenameSub(sub, name) -> Belonging.rename s a sub name
        | Action.SubTransfer(sub, isDeposit, usd) -> Belonging.transfer s a sub isDeposit usd
        | Action.SubSpotTransfer(sub, isDeposit, token, amount) ->
            Belonging.spotTransfer s a sub isDeposit token amount q.Nonce
        | Action.SubClassTransfer(sub, usd, toPerp) -> Belonging.classTransfer s a sub usd toPerp
        | Action.VaultTransfer(vault, isDeposit, usd) -> Belonging.vaultTransfer s a vault isDeposit usd
        | Action.Refused text -> VenueAnswer.Err text
        | _ -> VenueAnswer.Default

    let private cancel (s: VenueState) (a: VenueAccount) (cancels: struct (int * OrderName)[]) (isFast: bool) =
        let ended =
            cancels
            |> Array.map (fun struct (asset, name) -> Placing.cancel s a asset name isFast)

        VenueAnswer.Statuses("cancel", ended)

    let private perform (s: VenueState) (a: VenueAccount) (q: Submission) (sub: int -> unit) : VenueAnswer =
        match q.Action with
        | Action.Order(orders, kind) -> Ordering.orders s a orders kind sub
        | Action.Cancel cancels -> cancel s a cancels false
        | Action.FastCancel cancels -> cancel s a cancels true
        | Action.Modify(modifies, always, isBatch) ->
            let done' = modifies |> Array.map (fun m -> Replacing.modify s a m always)

            match done' with
            | [| Status.Error text |] when not isBatch -> VenueAnswer.Err text
            | _ when not isBatch -> VenueAnswer.Default
            | statuses -> VenueAnswer.Statuses("order", statuses)
        | Action.ScheduleCancel time -> scheduleCancel s a time
        | Action.UpdateLeverage(asset, isCross, leverage) -> Margining.updateLeverage s a asset isCross leverage
        | Action.UpdateIsolatedMargin(asset, usd) -> Margining.updateMargin s a asset usd
        | Action.TopUpIsolated(asset, leverage) -> Margining.topUp s a asset leverage
        | Action.Twap wish -> Twaps.start s a wish
        | Action.TwapCancel(asset, id) -> Twaps.cancel s a asset id
        | action -> manage s a q action

    /// What an account may do for its sub-account.
    let private isForSubs (action: Action) : bool =
        match action with
        | Action.Order _
        | Action.Cancel _
        | Action.FastCancel _
        | Action.Modify _
        | Action.ScheduleCancel _
        | Action.UpdateLeverage _
        | Action.UpdateIsolatedMargin _
        | Action.TopUpIsolated _
        | Action.Twap _
        | Action.TwapCancel _
        | Action.Nothing -> true
        | _ -> false

    /// The account that a request is for: the signer's, or a sub-account of it.
    let private subject (s: VenueState) (a: VenueAccount) (q: Submission) : Result<VenueAccount, string> =
        match q.Vault with
        | null -> Ok a
        | address ->
            match Moving.sub s a address with
            | Ok sub when isForSubs q.Action -> Ok sub
            | Ok _ -> Error "Vault may not perform this action"
            | Error _ -> Error("Vault not registered: " + address)

    let private execute (s: VenueState) (a: VenueAccount) (q: Submission) (sub: int -> unit) : VenueAnswer =
        match subject s a q with
        | Error text -> VenueAnswer.Err text
        | Ok whose ->
            match overAllowance s whose q.Action with
            | null ->
                keep s q
                let answer = perform s whose q sub
                Placing.settleFamilies s
                answer
            | text -> VenueAnswer.Err text

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
            | null when q.Expires > 0L && s.Time > q.Expires ->
                a.Used <- a.Used + 5L
                VenueAnswer.Err "Action already expired"
            | null -> execute s a q sub
            | text -> VenueAnswer.Err text

    /// The class of an action inside its block (8.1): 0 neither takes nor cancels, 1 cancels, 2 takes.
    let order (q: Submission) : int =
        let takes (o: OrderAsk) = o.Trigger.IsNone && o.Tif <> "Alo"

        match q.Action with
        | Action.Cancel _
        | Action.FastCancel _ -> 1
        | Action.Order(orders, _) when Array.exists takes orders -> 2
        | Action.Modify(modifies, _, _) when modifies |> Array.exists (fun m -> takes m.Order) -> 2
        | _ -> 0
