namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// Leverage, and the margin of positions that have one of their own.
module internal Margining =
    let private place (a: VenueAccount) (m: Listed) = a.Index * Listing.markets.Length + m.Id

    let private worth (s: VenueState) (a: VenueAccount) (m: Listed) : int64 =
        Figures.worth s.Markets[m.Id].Mark (abs (s.Position(a.Index, m)))

    let private value (s: VenueState) (a: VenueAccount) (m: Listed) : int64 =
        Checks.isolatedValue s.House s.Exchange.Pits a.Index m.Id

    /// Whether a position no longer covers its initial margin.
    let private isShort (s: VenueState) (a: VenueAccount) (m: Listed) (leverage: int) : bool =
        if Figures.isIsolated s a.Index m then
            value s a m < worth s a m / int64 leverage
        else
            let now = Figures.margins s a.Index
            now.Used > now.Value

    let private change (s: VenueState) (a: VenueAccount) (m: Listed) (isCross: bool) (leverage: int) : VenueAnswer =
        let place = place a m
        let was = s.House.Leverages[place]
        let hasPosition = s.Position(a.Index, m) <> 0L

        if hasPosition && s.House.IsIsolated[place] = isCross then
            VenueAnswer.Err "Cannot switch leverage type with open position."
        else
            s.House.Leverages[place] <- leverage
            s.House.IsIsolated[place] <- not isCross

            if hasPosition && leverage < was && isShort s a m leverage then
                s.House.Leverages[place] <- was
                let kind = if isCross then "Cross" else "Isolated"

                VenueAnswer.Err(
                    kind
                    + " position does not have sufficient margin available to decrease leverage."
                )
            else
                VenueAnswer.Default

    let updateLeverage (s: VenueState) (a: VenueAccount) (asset: int) (isCross: bool) (leverage: int) : VenueAnswer =
        match Listing.ofAsset asset with
        | ValueSome m when not m.IsSpot ->
            let most = Checks.mostLeverage s.House s.Exchange.Pits m.Id (worth s a m)

            if leverage < 1 || int64 leverage > most then
                VenueAnswer.Err "Invalid leverage."
            else
                change s a m isCross leverage
        | _ -> VenueAnswer.Err("Invalid asset. asset=" + string asset)

    /// The market in which an account has a position with a margin of its own.
    let private isolated (s: VenueState) (a: VenueAccount) (asset: int) : Result<Listed, string> =
        match Listing.ofAsset asset with
        | ValueSome m when s.Position(a.Index, m) <> 0L && Figures.isIsolated s a.Index m -> Ok m
        | ValueSome _ -> Error "Position does not use isolated margin."
        | ValueNone -> Error("Invalid asset. asset=" + string asset)

    /// Margin into a position, below 0 out of it: what is left covers the initial margin and a tenth of the position.
    let private shift (s: VenueState) (a: VenueAccount) (m: Listed) (usd: int64) : VenueAnswer =
        let size = worth s a m
        let least = max (size / Figures.leverage s a.Index m) (size / 10L)

        let isThere =
            if usd > 0L then
                usd <= Figures.transferable s a.Index
            else
                usd >= least - value s a m

        if not isThere then
            VenueAnswer.Err "Insufficient margin."
        else
            VenueState.creditPerp s a.Index -usd
            s.House.IsolatedCash[place a m] <- s.House.IsolatedCash[place a m] + usd
            VenueAnswer.Default

    let updateMargin (s: VenueState) (a: VenueAccount) (asset: int) (usd: int64) : VenueAnswer =
        match isolated s a asset with
        | Ok m -> shift s a m usd
        | Error text -> VenueAnswer.Err text

    /// Adds margin until the position is worth so many times it; `leverage` in 1e-8.
    let topUp (s: VenueState) (a: VenueAccount) (asset: int) (leverage: int64) : VenueAnswer =
        match isolated s a asset with
        | Error text -> VenueAnswer.Err text
        | Ok _ when leverage < 100_000_000L -> VenueAnswer.Err "Invalid leverage."
        | Ok m ->
            match Wide.mulDiv (worth s a m) 100_000_000L leverage - value s a m with
            | missing when missing > 0L -> shift s a m missing
            | _ -> VenueAnswer.Err "Invalid leverage."

    /// What a position lost beyond its own margin when it was closed, the venue's maker bears: no account owes more than that
    /// margin.
    let bearLosses (s: VenueState) (m: Listed) =
        for a in s.Accounts do
            let place = place a m

            if s.House.IsolatedCash[place] < 0L && s.Position(a.Index, m) = 0L then
                VenueState.creditPerp s Residents.maker s.House.IsolatedCash[place]
                s.House.IsolatedCash[place] <- 0L
