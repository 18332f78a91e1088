namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// Wallets that may sign for an account, builders that may charge it, requests that it pays for.
module internal Approving =
    let private dayMs = 86_400_000L

    /// How long after the end of its validity a wallet is still heard: the real venue looks now and then.
    let private graceMs = 1_800_000L

    /// Replaced wallets that are remembered, an account.
    let private mostReplaced = 100

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
            a.Replaced.Add was

        // What is forgotten is forgotten with its nonces, unless it has become an account or somebody else's wallet since: what
        // it signed could be said again.
        if a.Replaced.Count > mostReplaced then
            let old = a.Replaced[0]
            a.Replaced.RemoveAt 0
            s.Replaced.Remove old |> ignore

            if not (s.Agents.ContainsKey old || s.ByAddress.ContainsKey old) then
                s.Nonces.Remove old |> ignore

    /// Wallets whose time is long over are no longer heard.
    let expire (s: VenueState) (signer: string) =
        match s.Agents.TryGetValue signer with
        | true, a ->
            match a.Agents.FindIndex(fun (struct (_, who, until)) -> who = signer && s.Time > until + graceMs) with
            | -1 -> ()
            | place -> drop s a place false
        | _ -> ()

    let approve (s: VenueState) (a: VenueAccount) (address: string) (name: string) : VenueAnswer =
        match validity s name with
        | Error text -> VenueAnswer.Err text
        | Ok(struct (name, until)) ->
            let place = a.Agents.FindIndex(fun (struct (n, _, _)) -> n = name)
            let named = a.Agents |> Seq.filter (fun (struct (n, _, _)) -> n <> "") |> Seq.length
            let most = 3 + 2 * a.Subs.Count
            let isFull = name <> "" && place < 0 && named >= most
            // Where all places are taken, a wallet past its end gives its own to the next.
            let over =
                a.Agents.FindIndex(fun (struct (n, _, until)) -> n <> "" && s.Time > until)

            let isZero = address = "0x" + System.String('0', 40)

            if s.Time < a.RemovalUntil then
                VenueAnswer.Err "User has pending agent removal"
            elif isZero then
                if place >= 0 then
                    drop s a place false
                    a.RemovalUntil <- s.Time + 5_000L

                VenueAnswer.Default
            elif s.Agents.ContainsKey address || s.ByAddress.ContainsKey address then
                VenueAnswer.Err "Extra agent already used."
            elif name.Length > 16 then
                VenueAnswer.Err "Agent name is too long."
            elif isFull && over < 0 then
                VenueAnswer.Err $"Too many extra agents for cumulative volume traded. Current limit is {most}"
            else
                if place >= 0 then
                    drop s a place true
                elif isFull then
                    drop s a over false

                s.Replaced.Remove address |> ignore
                a.Replaced.Remove address |> ignore
                a.Agents.Add(struct (name, address, until))
                s.Agents[address] <- a
                VenueAnswer.Default

    // ---- builders ----

    /// Builders that an account may have approved.
    let private mostBuilders = 10

    let approveBuilder (a: VenueAccount) (builder: string) (rate: int64) : VenueAnswer =
        if rate < 0L || rate > 1_000L then
            VenueAnswer.Err "Invalid max fee rate."
        elif rate = 0L then
            a.Builders.Remove builder |> ignore
            VenueAnswer.Default
        elif a.Builders.Count >= mostBuilders && not (a.Builders.ContainsKey builder) then
            VenueAnswer.Err "Too many approved builders."
        else
            a.Builders[builder] <- rate
            VenueAnswer.Default

    /// What its orders' senders paid to an address comes to its spot side.
    let claim (s: VenueState) (a: VenueAccount) : VenueAnswer =
        match s.Rewards.TryGetValue a.Address with
        | true, earned when earned > 0L ->
            s.Rewards.Remove a.Address |> ignore
            Moving.credit s a (Pocket.Spot 0) earned
            Moving.tell s a (Moving.ledger s a "rewardsClaim" earned "USDC" false a.Address 0L)
            VenueAnswer.Default
        | _ -> VenueAnswer.Err "No rewards to claim"

    // ---- requests ----

    /// Requests beyond the allowance, 0.0005 USDC each, for the account or another one.
    let reserve (s: VenueState) (a: VenueAccount) (weight: int64) (destination: string | null) : VenueAnswer =
        let into =
            match destination with
            | null -> ValueSome a
            | address -> s.Account address

        match into with
        | ValueNone -> VenueAnswer.Err Moving.invalid
        | ValueSome _ when weight < 1L || weight > 1_000_000_000L -> VenueAnswer.Err "Invalid weight."
        | ValueSome other ->
            let usd = weight * 50_000L

            if usd > Moving.free s a Pocket.Perp then
                VenueAnswer.Err Moving.short
            else
                Moving.credit s a Pocket.Perp -usd
                other.Reserved <- other.Reserved + weight
                VenueAnswer.Default
