namespace Vrlg.Sim.LocalVenue

open System
open Vrlg.Core
open Vrlg.Sim

/// What an account's perpetuals are worth and what they bind. 1e-8 USDC.
[<Struct; NoComparison; NoEquality>]
type Margins =
    {
        /// USDC balance and signed values of the cross positions.
        Value: int64
        /// USDC balance: `totalRawUsd`.
        Raw: int64
        Notional: int64
        Used: int64
        Maintenance: int64
        /// The USDC of isolated positions, and their values without signs.
        IsolatedRaw: int64
        IsolatedNotional: int64
        /// What isolated positions are worth with their USDC: the margin that they use.
        IsolatedValue: int64
    }

    /// What may be taken out.
    member m.Withdrawable = max 0L (m.Value - m.Used)
    /// Cross and isolated together.
    member m.Whole = m.Value + m.IsolatedValue

/// A position as the venue shows it.
[<Struct; NoComparison; NoEquality>]
type PositionView =
    {
        Market: Listed
        Szi: int64
        Leverage: int64
        IsIsolated: bool
        /// Its own USDC when it is isolated.
        Raw: int64
        Entry: int64
        Worth: int64
        Unrealised: int64
        /// 1e-10; 0 where nothing was paid.
        Returns: int64
        /// 0 where there is none.
        Liquidation: int64
        Used: int64
        Cost: Cost
    }

/// Figures of accounts (hyperliquid-protocol.md 8.5).
[<RequireQualifiedAccess>]
module Figures =
    let private wide (x: int64) : Int128 = Int128.op_Implicit x

    let worth (px: int64) (sz: int64) : int64 =
        (Instrument.notional (Px.Of px) (Sz.Of sz)).Raw

    let leverage (s: VenueState) (account: int) (market: Listed) : int64 =
        Filling.leverageOf s.House s.Exchange.Pits account market.Id

    /// Whether a position has, or would have, a margin of its own.
    let isIsolated (s: VenueState) (account: int) (market: Listed) : bool =
        Checks.isIsolated s.House account market.Id

    /// What a position of a value must keep, 1e-8 USDC.
    let maintenance (s: VenueState) (market: Listed) (size: int64) : int64 =
        Checks.maintenance s.House s.Exchange.Pits market.Id size

    /// The USDC of an isolated position: its margin less what was bought, plus what was sold.
    let isolatedRaw (s: VenueState) (account: int) (market: Listed) : int64 =
        s.House.IsolatedCash[account * Listing.markets.Length + market.Id]

    let margins (s: VenueState) (account: int) : Margins =
        let cross = Checks.carried s.House s.Exchange.Pits account
        let mutable raw = 0L
        let mutable notional = 0L
        let mutable value = 0L

        for m in Listing.perps do
            let held = s.Position(account, m)

            if held <> 0L && isIsolated s account m then
                raw <- raw + isolatedRaw s account m
                notional <- notional + worth s.Markets[m.Id].Mark (abs held)
                value <- value + Checks.isolatedValue s.House s.Exchange.Pits account m.Id

        {
            Value = cross.Value
            Raw = s.House.PerpCash[account]
            Notional = cross.Notional
            Used = cross.Used
            Maintenance = cross.Maintenance
            IsolatedRaw = raw
            IsolatedNotional = notional
            IsolatedValue = value
        }

    /// The mark at which the account would be liquidated by this position alone, to 1e-8; 0 where no price does it:
    /// mark - side * available / (size * (1 - side * l)), l = 1 / (2 * largest leverage) (hyperliquid-protocol.md 8.5).
    let liquidation (maxLeverage: int) (held: int64) (mark: int64) (available: int64) : int64 =
        let side = Int128.op_Implicit (sign held)
        let twice = Int128.op_Implicit (2 * max 1 maxLeverage)

        let away =
            wide available * wide 100_000_000L * twice / (wide (abs held) * (twice - side))

        let px = wide mark - side * away

        if px <= Int128.Zero || Int128.op_GreaterThan (px, wide 900_000_000_000_000_000L) then
            0L
        else
            Int128.op_Explicit px

    let private position (s: VenueState) (a: VenueAccount) (all: Margins) (m: Listed) : PositionView =
        let cost = a.Cost m.Id
        let mark = s.Markets[m.Id].Mark
        let size = worth mark (abs cost.Position)
        let gain = worth mark cost.Position - cost.Value
        let leverage = leverage s a.Index m
        let raw = Wide.mulDiv cost.Value 100_000_000L cost.Position
        let unit = Instrument.priceUnit m.Rules
        let isOwn = isIsolated s a.Index m
        let own = Checks.isolatedValue s.House s.Exchange.Pits a.Index m.Id
        let least = maintenance s m size

        let available = if isOwn then own - least else all.Value - all.Maintenance

        let most = int (Checks.mostLeverage s.House s.Exchange.Pits m.Id size)

        {
            Market = m
            Szi = cost.Position
            Leverage = leverage
            IsIsolated = isOwn
            Raw = if isOwn then isolatedRaw s a.Index m else 0L
            Entry = (raw + unit / 2L) / unit * unit
            Worth = size
            Unrealised = gain
            Returns = Wide.mulDiv (gain * leverage) 10_000_000_000L (abs cost.Value)
            Liquidation = liquidation most cost.Position mark available
            Used = if isOwn then own else size / leverage
            Cost = cost
        }

    let positions (s: VenueState) (a: VenueAccount) : PositionView[] =
        let margins = margins s a.Index

        [|
            for m in Listing.perps do
                if (a.Cost m.Id).Position <> 0L then
                    position s a margins m
        |]

    /// What perpetuals and both sides of an account are worth now, with what had come to them. Its part of the vault is outside.
    let worthPoint (s: VenueState) (a: VenueAccount) : WorthPoint =
        let m = margins s a.Index
        let mutable spot = VenueState.spotTotal s a.Index 0

        for market in Listing.spots do
            spot <- spot + worth s.Markets[market.Id].Mark (s.Position(a.Index, market))

        {
            Time = s.Time
            Perp = m.Whole
            PerpFlow = a.PerpFlow
            PerpVolume = a.PerpVolume
            All = m.Whole + spot
            Flow = a.Flow
            Volume = a.Volume
        }

    /// The fees that an account pays on perpetuals or at spot.
    let rates (s: VenueState) (account: int) (isSpot: bool) : FeeRates =
        s.House.Rates[2 * account + (if isSpot then 1 else 0)]

    /// What may leave the perpetuals' account: the rest covers the initial margin, and a tenth of all positions.
    let transferable (s: VenueState) (account: int) : int64 =
        let m = margins s account
        max 0L (min m.Withdrawable (m.Value - m.Notional / 10L))

    /// Requests of an account's life: 10,000 and one more for every USDC traded.
    let allowance (s: VenueState) (account: int) : int64 =
        10_000L + s.House.Volume[account] / 100_000_000L
