namespace Vrlg.Sim.LocalVenue

open System
open Vrlg.Core
open Vrlg.Sim

/// What a cross account is worth and what its positions bind. 1e-8 USDC.
[<Struct; NoComparison; NoEquality>]
type Margins =
    {
        /// USDC balance and signed position values.
        Value: int64
        /// USDC balance: `totalRawUsd`.
        Raw: int64
        Notional: int64
        Used: int64
        Maintenance: int64
    }

    /// What may be taken out.
    member m.Withdrawable = max 0L (m.Value - m.Used)

/// A position as the venue shows it.
[<Struct; NoComparison; NoEquality>]
type PositionView =
    {
        Market: Listed
        Szi: int64
        Leverage: int64
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

    let private ratio (a: int64) (b: int64) (scale: int64) : int64 =
        if b = 0L then
            0L
        else
            Int128.op_Explicit (wide a * wide scale / wide b)

    let worth (px: int64) (sz: int64) : int64 =
        (Instrument.notional (Px.Of px) (Sz.Of sz)).Raw

    let leverage (s: VenueState) (account: int) (market: Listed) : int64 =
        Checks.leverageOf s.House s.Exchange.Pits account market.Id

    let margins (s: VenueState) (account: int) : Margins =
        let raw = s.House.PerpCash[account]
        let mutable value = raw
        let mutable notional = 0L
        let mutable used = 0L
        let mutable least = 0L

        for m in Listing.perps do
            let held = s.Position(account, m)

            if held <> 0L then
                let mark = s.Markets[m.Id].Mark
                let size = worth mark (abs held)
                value <- value + worth mark held
                notional <- notional + size
                used <- used + size / leverage s account m
                least <- least + size / (2L * int64 m.Rules.MaxLeverage)

        {
            Value = value
            Raw = raw
            Notional = notional
            Used = used
            Maintenance = least
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

    let positions (s: VenueState) (a: VenueAccount) : PositionView[] =
        let margins = margins s a.Index

        [|
            for m in Listing.perps do
                let cost = a.Cost m.Id

                if cost.Position <> 0L then
                    let mark = s.Markets[m.Id].Mark
                    let size = worth mark (abs cost.Position)
                    let gain = worth mark cost.Position - cost.Value
                    let leverage = leverage s a.Index m
                    let raw = ratio cost.Value cost.Position 100_000_000L
                    let unit = Instrument.priceUnit m.Rules

                    {
                        Market = m
                        Szi = cost.Position
                        Leverage = leverage
                        Entry = (raw + unit / 2L) / unit * unit
                        Worth = size
                        Unrealised = gain
                        Returns = ratio (gain * leverage) (abs cost.Value) 10_000_000_000L
                        Liquidation =
                            liquidation m.Rules.MaxLeverage cost.Position mark (margins.Value - margins.Maintenance)
                        Used = size / leverage
                        Cost = cost
                    }
        |]

    /// What may leave the perpetuals' account: the rest covers the initial margin, and a tenth of all positions.
    let transferable (s: VenueState) (account: int) : int64 =
        let m = margins s account
        max 0L (min m.Withdrawable (m.Value - m.Notional / 10L))

    /// Requests of an account's life: 10,000 and one more for every USDC traded.
    let allowance (s: VenueState) (account: int) : int64 =
        10_000L + s.House.Volume[account] / 100_000_000L
