/// What the tests of the venue's choices ask, and how they read an answer.
module Vrlg.Venue.ChoiceAsks

open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let carol = "0x3333333333333333333333333333333333333333"
let told (s: VenueState) a = text (place s alice a)

let ioc = "Order could not immediately match against any resting orders. asset=0"

let margin = "Insufficient margin to place order. asset=0"
let byAlice (action: Action) = by alice action

let trigger (px: string) isTakeProfit (a: OrderAsk) : OrderAsk =
    { a with
        Tif = null
        ReduceOnly = true
        Trigger =
            ValueSome
                {
                    Px = int64 (decimal px * 1e8m)
                    IsMarket = true
                    IsTakeProfit = isTakeProfit
                }
    }

let first (answer: VenueAnswer) = Array.head (statuses answer)

let updates (out: BlockOutput) =
    [ for struct (_, r) in out.Updates -> r.Status ]

let cancel (asset: int) (oid: int64) =
    Action.Cancel [| struct (asset, { Oid = oid; Cloid = null }) |]

let known (who: string) (s: VenueState) oid =
    s.ByAddress[who].Find { Oid = oid; Cloid = null }
