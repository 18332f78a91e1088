namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// What the venue does every hour and every day (UTC): it notes what accounts are worth, and sets their fees by what they traded
/// in the 14 days before, their sub-accounts with them (hyperliquid-protocol.md 8.8).
module internal Daily =
    let private hourMs = 3_600_000L
    let private days = 14L

    let private weighted (a: VenueAccount) (today: int64) : int64 =
        let mutable sum = 0L

        for d in a.Days do
            if d.Day < today && d.Day >= today - days then
                sum <- Wide.count sum d.Weighted

        sum

    /// The tier of an account's whole family, from 0.
    let tier (s: VenueState) (a: VenueAccount) : int =
        let today = s.Time / (24L * hourMs)
        let master = Moving.root a
        let mutable sum = weighted master today

        for sub in master.Subs do
            sum <- Wide.count sum (weighted sub today)

        FeeTiers.ofVolume (sum / 100_000_000L)

    let private assess (s: VenueState) =
        for i in Residents.count .. s.Accounts.Count - 1 do
            let t = FeeTiers.at (int64 (tier s s.Accounts[i]))
            s.House.Rates[2 * i] <- t.Perp
            s.House.Rates[2 * i + 1] <- t.Spot

    let run (s: VenueState) =
        let hour = s.Time / hourMs

        if hour > s.LastHour then
            s.LastHour <- hour

            for i in Residents.count .. s.Accounts.Count - 1 do
                s.Accounts[i].AddWorth(Figures.worthPoint s s.Accounts[i])

        if hour / 24L > s.LastDay then
            s.LastDay <- hour / 24L
            assess s
