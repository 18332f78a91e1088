namespace Vrlg.Sim.LocalVenue

open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core
open Vrlg.Sim

/// How a local venue begins. The same configuration and the same blocks give the same venue.
[<NoComparison; NoEquality>]
type VenueConfig =
    {
        Seed: int64
        Scenario: Scenario
        /// Scales synthetic trading and funding intervals.
        Speed: float
        /// Address budgets, and the volume that a scheduled cancel asks for.
        HasLimits: bool
        /// Addresses in lower case and USDC of their perpetuals' account, 1e-8.
        Funds: struct (string * int64)[]
        /// Addresses, numbers of tokens and amounts in 1e-8.
        SpotFunds: struct (string * int * int64)[]
        /// When it began, milliseconds.
        Genesis: int64
    }

/// What is known of a market's prices. One linear owner.
[<Sealed>]
type MarketState(market: Listed) =
    member _.Market = market
    /// What the synthetic traders believe, 1e-8.
    member val Fair = float market.Start with get, set
    member val Mark = market.Start with get, set
    member val Oracle = market.Start with get, set
    member val LastTrade = 0L with get, set
    /// Mean of mid less oracle that forgets with 150 s.
    member val Basis = 0.0 with get, set
    /// Premium samples of the running hour: sum in 1e-12, and how many.
    member val PremiumSum = 0L with get, set
    member val PremiumCount = 0L with get, set
    /// 1e-12 an hour.
    member val FundingRate = 12_500_000L with get, set
    member val Fundings = ResizeArray<FundingPoint>() with get
    /// Newest last.
    member val Trades = ResizeArray<VenueTrade>() with get
    /// The orders of the synthetic makers by price.
    member val MakerBids = SortedDictionary<int64, VenueOrder>() with get
    member val MakerAsks = SortedDictionary<int64, VenueOrder>() with get
    /// The makers' best levels are thin.
    member val IsThin = false with get, set
    /// Volume of whole hours, base and USDC in 1e-8: hour, base, quote.
    member val Hours = ResizeArray<struct (int64 * int64 * int64)>() with get

/// Everything of a local venue. One linear owner changes it: fold the same blocks again from the same configuration, and the
/// same comes out.
[<Sealed>]
type VenueState(config: VenueConfig, exchange: ExchangeState) =
    member _.Config = config
    member val Exchange = exchange with get, set
    member val Reports = Reports() with get
    member val Markets: MarketState[] = Listing.markets |> Array.map MarketState with get
    member val Accounts = ResizeArray<VenueAccount>() with get
    member val ByAddress = Dictionary<string, VenueAccount>() with get
    /// Wallets that may sign for an account.
    member val Agents = Dictionary<string, VenueAccount>() with get
    /// Wallets that once could and were replaced, the latest 100 an account.
    member val Replaced = HashSet<string>() with get
    /// The 100 highest nonces, a signer.
    member val Nonces = Dictionary<string, SortedSet<int64>>() with get
    /// Orders that the exchange holds, by their number there.
    member val ByNumber = Dictionary<int64, VenueOrder>() with get
    /// Parents whose children wait for them.
    member val Parents = ResizeArray<VenueOrder>() with get
    member val Candles = Candles(config.Seed, config.Genesis) with get
    member val LastNumber = 0L with get, set
    member val LastOid = 500_000_000_000L with get, set
    member val LastGroup = 0L with get, set
    member val Height = Chain.genesis with get, set
    /// Slots of the schedule whose proposers were passed over.
    member val Skipped = 0L with get, set
    member val LastTwap = 0L with get, set
    /// What builders have earned and not claimed, by address, 1e-8 USDC.
    member val Rewards = Dictionary<string, int64>() with get
    /// Parts of the vault, the venue's own maker: all, of which its own are the rest.
    member val VaultShares = 0L with get, set
    member val Time = config.Genesis with get, set
    member val LastContext = 0L with get, set
    /// The last hour that accounts were valued in, and the last day that their fees were set on; since 1970.
    member val LastHour = 0L with get, set
    member val LastDay = 0L with get, set
    member val LastPremium = 0L with get, set
    member val NextFunding = 0L with get, set
    /// Latest blocks, newest last.
    member val Blocks = ResizeArray<BlockRow>() with get
    /// The transaction being executed.
    member val Hash = Chain.noHash with get, set
    member val Out = BlockOutput 0 with get, set

    member s.Now: Instant = Instant.OfMs s.Time
    /// The schedule's turn of the latest block.
    member s.Turn: int64 = s.Height + s.Skipped
    member s.House: House = s.Exchange.House

    member s.Position(account: int, market: Listed) : int64 =
        s.House.Holding(account, market.Id).Position

    /// The orders of one side of a market, best first.
    member s.Side(market: Listed, side: Side) : OwnOrders = s.House.Pits[market.Id].Own side

    member s.Best(market: Listed, side: Side) : int64 = s.Side(market, side).BestPx

    /// The middle of the book; 0 when a side is empty.
    member s.Mid(market: Listed) : int64 =
        let bid, ask = s.Best(market, Side.Buy), s.Best(market, Side.Sell)
        if bid > 0L && ask > 0L then (bid + ask) / 2L else 0L

    /// The account of an address in lower case; nothing when there is none.
    member s.Account(address: string) : VenueAccount voption =
        match s.ByAddress.TryGetValue address with
        | true, a -> ValueSome a
        | _ -> ValueNone

/// Who trades at the venue beside those who connect.
[<RequireQualifiedAccess>]
module Residents =
    /// Accounts that the venue can hold.
    let most = 512
    let maker = 0
    let taker = 1
    /// Takes what rests beyond the fair price.
    let arbitrage = 2
    let count = 3
    let isOne (account: int) = account < count

    let addresses =
        [|
            "0x00000000000000000000000000000000000000a0"
            "0x00000000000000000000000000000000000000a1"
            "0x00000000000000000000000000000000000000a2"
        |]

/// A venue before its first block.
[<RequireQualifiedAccess>]
module VenueState =
    let private one = 100_000_000L

    let private exchange () : ExchangeState =
        Exchange.create
            {
                // The least value is looked at before orders are sent: slices of a larger order are free of it.
                Instruments =
                    Listing.markets
                    |> Array.map (fun m -> { m.Rules with MinNotional = Usd.Of 0L })
                    |> ImmutableArray.CreateRange
                Accounts = Residents.most
                Fees =
                    {
                        Maker = Rate.Of 1_500_000L
                        Taker = Rate.Of 4_500_000L
                    }
                Queue = QueueModel.RiskAverse
                CheckRules = true
                Rules =
                    { MatchRules.Default with
                        IsCentral = true
                        SpotFees =
                            ValueSome
                                {
                                    Maker = Rate.Of 4_000_000L
                                    Taker = Rate.Of 7_000_000L
                                }
                        ToleranceBps = -1L
                        OracleBandBps = 8_000L
                        ChecksMargin = true
                        Tiers = Listing.tiers
                        Rounding = FeeRounding.Venue
                    }
            }
        |> Exchange.own

    /// A new account; the one that is there already. Nothing when the venue is full.
    let account (s: VenueState) (address: string) : VenueAccount voption =
        match s.ByAddress.TryGetValue address with
        | true, a -> ValueSome a
        | _ when s.Accounts.Count >= Residents.most -> ValueNone
        | _ ->
            let a = VenueAccount(s.Accounts.Count, address, s.Time)
            s.Accounts.Add a
            s.ByAddress[address] <- a

            for m in Listing.perps do
                s.House.Leverages[a.Index * Listing.markets.Length + m.Id] <- min 20 m.Rules.MaxLeverage

            ValueSome a

    /// Something of a token comes to an account's spot side, or goes.
    let creditSpot (s: VenueState) (account: int) (token: int) (amount: int64) =
        match Listing.ofToken token with
        | ValueSome market ->
            let held = &s.House.Holding(account, market.Id)
            held.Position <- held.Position + amount
        | ValueNone -> s.House.SpotCash[account] <- s.House.SpotCash[account] + amount

    let creditPerp (s: VenueState) (account: int) (usd: int64) =
        s.House.PerpCash[account] <- s.House.PerpCash[account] + usd

    /// What an account's spot side holds of a token.
    let spotTotal (s: VenueState) (account: int) (token: int) : int64 =
        match Listing.ofToken token with
        | ValueSome market -> s.Position(account, market)
        | ValueNone -> s.House.SpotCash[account]

    /// What resting orders hold back of a token.
    let spotHold (s: VenueState) (account: int) (token: int) : int64 =
        match Listing.ofToken token with
        | ValueNone -> Checks.heldUsdc s.House s.Exchange.Pits account
        | ValueSome market -> Checks.heldBack (s.Side(market, Side.Sell)) account false

    /// What an amount of a token is worth before anything was traded.
    let private startWorth (token: int) (amount: int64) : int64 =
        match Listing.ofToken token with
        | ValueSome market -> (Instrument.notional (Px.Of market.Start) (Sz.Of amount)).Raw
        | ValueNone -> amount

    let private deposit (s: VenueState) (a: VenueAccount) (usd: int64) =
        creditPerp s a.Index usd
        a.PerpFlow <- a.PerpFlow + usd
        a.Flow <- a.Flow + usd
        a.NetDeposits <- a.NetDeposits + usd

        a.AddLedger
            {
                Time = s.Time
                Hash = Chain.noHash
                Kind = "deposit"
                Amount = usd
                Value = usd
                Token = "USDC"
                ToPerp = true
                User = a.Address
                Destination = a.Address
                Nonce = 0L
                Dexes = struct ("", "")
            }

    let private settle (s: VenueState) =
        for address in Residents.addresses do
            match account s address with
            | ValueNone -> ()
            | ValueSome a ->
                creditPerp s a.Index (2_000_000_000L * one)
                creditSpot s a.Index 0 (500_000_000L * one)

                for market in Listing.spots do
                    let units = 200_000_000.0 / (float market.Start / float one)
                    creditSpot s a.Index market.Base (int64 units * one)

                for m in Listing.perps do
                    s.House.Leverages[a.Index * Listing.markets.Length + m.Id] <- m.Rules.MaxLeverage

    let create (config: VenueConfig) : VenueState =
        let s = VenueState(config, exchange ())
        // The first record makes the owned copy of the house, so that what is credited now stays.
        s.Exchange <- Exchange.scheduleCancel s.Exchange (AccountId.Of 0) ValueNone
        settle s
        let base' = FeeTiers.at 0L
        s.House.Rates <- Array.init (2 * Residents.most) (fun i -> if i % 2 = 0 then base'.Perp else base'.Spot)

        for struct (address, usd) in config.Funds do
            match account s address with
            | ValueSome a -> deposit s a usd
            | ValueNone -> ()

        for struct (address, token, amount) in config.SpotFunds do
            match account s address with
            | ValueSome a ->
                creditSpot s a.Index token amount
                a.Flow <- a.Flow + startWorth token amount
            | ValueNone -> ()

        s
