namespace Vrlg.Sim.LocalVenue

open System.Collections.Generic
open Vrlg.Core
open Vrlg.Sim

/// The venue on this machine: blocks in, answers and pushes out. `Exchange` is its only matching engine.
[<RequireQualifiedAccess>]
module LocalVenue =
    let create (config: VenueConfig) : VenueState = VenueState.create config

    /// Milliseconds from the last block to the next.
    let gap (s: VenueState) : int64 =
        Chain.gap s.Config.Seed s.Config.Scenario s.Height

    /// Passes over the proposer whose turn it is; the next block is the next one's.
    let skip (s: VenueState) : unit = s.Skipped <- s.Skipped + 1L

    let private transact
        (s: VenueState)
        (txs: ResizeArray<TxRow>)
        (user: string)
        (kind: string)
        (submission: int)
        (act: (int -> unit) -> string | null)
        =
        let tx = txs.Count

        let name sub =
            s.Hash <- Chain.hash s.Config.Seed s.Height tx sub

        name 0
        let hash = s.Hash
        let error = act name

        txs.Add
            {
                Hash = hash
                User = user
                Submission = submission
                Kind = kind
                Error = error
            }

    let private quiet (s: VenueState) (txs: ResizeArray<TxRow>) (user: string) (act: unit -> unit) =
        transact s txs user "order" -1 (fun _ ->
            act ()
            null)

    let private submit (s: VenueState) (txs: ResizeArray<TxRow>) (block: Block) (i: int) =
        let q = block.Submissions[i]

        transact s txs q.Signer q.Kind i (fun sub ->
            let answer = Acting.submit s q sub
            s.Out.Answers[i] <- answer

            match answer with
            | VenueAnswer.Err text -> text
            | _ -> null)

    /// The venue after a block: what begins it, the makers, the accounts' actions by class and arrival, the takers. Block times
    /// may not go back; one that does counts as the last.
    let step (s: VenueState) (block: Block) : BlockOutput =
        let was = s.Time
        let out = BlockOutput block.Submissions.Length
        s.Out <- out
        s.Height <- s.Height + 1L
        s.Time <- max was block.Time
        let dt = s.Time - was
        let txs = ResizeArray<TxRow>()
        s.Hash <- Chain.noHash
        Beginning.run s dt
        quiet s txs Residents.addresses[Residents.maker] (fun () -> Traders.before s)

        for kind in 0..2 do
            for i in 0 .. block.Submissions.Length - 1 do
                if Acting.order block.Submissions[i] = kind then
                    submit s txs block i

        quiet s txs Residents.addresses[Residents.taker] (fun () -> Traders.after s (min dt 1_000L))
        Placing.settleFamilies s

        let row: BlockRow =
            {
                Height = s.Height
                Time = s.Time
                Hash = Chain.blockHash s.Config.Seed s.Height
                Proposer = Chain.proposers[Chain.schedule[Chain.slot s.Turn]]
                Txs = txs.ToArray()
            }

        s.Blocks.Add row

        if s.Blocks.Count > 2_000 then
            s.Blocks.RemoveRange(0, 1_000)

        out.Block <- ValueSome row
        out

    // ---- looking ----

    /// Price, size and number of orders of a side's best levels.
    let levels (s: VenueState) (market: Listed) (side: Side) (most: int) : struct (int64 * int64 * int)[] =
        let own = s.Side(market, side)
        let found = ResizeArray<struct (int64 * int64 * int)>()
        let mutable i = 0

        while i < own.Count
              && (found.Count < most
                  || (let struct (px, _, _) = found[found.Count - 1] in px = own.Item(i).Order.Px)) do
            let o = &own.Item i

            match found.Count with
            | n when n > 0 && (let struct (px, _, _) = found[n - 1] in px = o.Order.Px) ->
                let struct (px, sz, count) = found[n - 1]
                found[n - 1] <- struct (px, sz + o.Left, count + 1)
            | _ -> found.Add(struct (o.Order.Px, o.Left, 1))

            i <- i + 1

        found.ToArray()

    /// The middle, else the last trade, else the mark.
    let mid (s: VenueState) (market: Listed) : int64 =
        match s.Mid market, s.Markets[market.Id].LastTrade with
        | 0L, 0L -> s.Markets[market.Id].Mark
        | 0L, last -> last
        | mid, _ -> mid

    /// What an account's part of the vault is worth, 1e-8 USDC.
    let equity (s: VenueState) (a: VenueAccount) : int64 = Belonging.equity s a

    let premium (s: VenueState) (market: Listed) : int64 voption = Beginning.premium s market
    let impactPx (s: VenueState) (market: Listed) (side: Side) : int64 = Beginning.impactPx s market side
    let fundingMs (s: VenueState) : int64 = Beginning.fundingMs s.Config

    /// Positions of one sign, everybody's.
    let openInterest (s: VenueState) (market: Listed) : int64 =
        let mutable sum = 0L

        for a in s.Accounts do
            sum <- sum + max 0L (s.Position(a.Index, market))

        sum

    /// Base and USDC traded within a day, the time before the venue made up.
    let dayVolume (s: VenueState) (market: Listed) : struct (int64 * int64) =
        let mutable b = 0L
        let mutable q = 0L

        for struct (hour, base', quote) in s.Markets[market.Id].Hours do
            if hour > s.Time / 3_600_000L - 24L then
                b <- Wide.count b base'
                q <- Wide.count q quote

        struct (b, q)

    /// The price a day ago.
    let prevDay (s: VenueState) (market: Listed) : int64 =
        let i = Interval.find "1h"
        let from = s.Time - 86_400_000L
        let found = s.Candles.Between(market, i, from, from, s.Time)
        if found.Length > 0 then found[0].Open else market.Start

    /// Fundings in a span, oldest first: 30 days made up before the venue began, then those paid.
    let fundings (s: VenueState) (market: Listed) (from: int64) (until: int64) (most: int) : FundingPoint[] =
        let hour = 3_600_000L
        let genesis = s.Config.Genesis
        let first = genesis - genesis % hour - 719L * hour
        let found = ResizeArray<FundingPoint>()
        let mutable t = max first (from - from % hour)

        while t <= min until genesis && found.Count < most do
            let point = Beginning.pastFunding s market t

            if point.Time >= from && point.Time <= until && point.Time <= genesis then
                found.Add point

            t <- t + hour

        for point in s.Markets[market.Id].Fundings do
            if point.Time >= from && point.Time <= until && found.Count < most then
                found.Add point

        found.ToArray()
