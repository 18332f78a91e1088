namespace Vrlg.Sim.LocalVenue

open System.Collections.Generic

/// What a venue may be given to begin with, so that no sum of money in it ever leaves 64 bits: no price goes beyond four times its
/// start, and the venue's own traders hold less than as much again.
[<RequireQualifiedAccess>]
module Endowment =
    /// All accounts together at the prices of the start, USDC.
    let most = 10_000_000_000L

    /// Accounts beside the venue's own.
    let accounts = Residents.most - Residents.count

    let private one = 100_000_000L

    // Rounded up, and far from the end of 64 bits whatever the amount is.
    let private worth (token: int) (amount: int64) : int64 =
        let px =
            match Listing.ofToken token with
            | ValueSome m -> m.Start / one + 1L
            | ValueNone -> 1L

        (max 0L amount / one + 1L) * px

    /// What is wrong with the funds of a configuration; null when nothing is.
    let trouble (config: VenueConfig) : string | null =
        let named = HashSet<string>()
        let mutable sum = 0L

        // The unit that rounding adds is no reason to refuse.
        let add (address: string) (token: int) (amount: int64) =
            named.Add address |> ignore
            sum <- min (2L * most) (sum + worth token amount - 1L)

        for struct (address, usd) in config.Funds do
            add address 0 usd

        for struct (address, token, amount) in config.SpotFunds do
            add address token amount

        for resident in Residents.addresses do
            named.Remove resident |> ignore

        if named.Count > accounts then
            $"{named.Count} accounts are to be funded; there are places for {accounts}"
        elif sum > most then
            "what accounts are funded with is worth too much: at most 10,000,000,000 USDC together, at the prices of the start"
        else
            null
