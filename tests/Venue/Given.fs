/// What the tests share: a venue, two people with money, and short ways to ask for something.
module Vrlg.Venue.Given

open Vrlg.Core
open Vrlg.Sim.LocalVenue

let one = 100_000_000L
let alice = "0x1111111111111111111111111111111111111111"
let bob = "0x2222222222222222222222222222222222222222"
let genesis = 1_790_000_000_000L

let config: VenueConfig =
    {
        Seed = 7L
        Scenario = Scenario.Calm
        Speed = 1.0
        HasLimits = false
        Funds = [| struct (alice, 100_000L * one); struct (bob, 100_000L * one) |]
        SpotFunds = [| struct (alice, 0, 10_000L * one); struct (bob, 2, 100L * one) |]
        Genesis = genesis
    }

/// A venue whose synthetic book stands.
let venue (config: VenueConfig) : VenueState =
    let s = LocalVenue.create config

    for i in 1L .. 3L do
        LocalVenue.step
            s
            {
                Time = genesis + 70L * i
                Submissions = [||]
            }
        |> ignore

    s

let ask (asset: int) (side: Side) (px: string) (sz: string) (tif: string) : OrderAsk =
    let raw (text: string) = int64 (decimal text * 1e8m)

    {
        Asset = asset
        Side = side
        Px = raw px
        Sz = raw sz
        ReduceOnly = false
        Tif = tif
        Trigger = ValueNone
        Cloid = null
        Builder = ValueNone
    }

let mutable private nonce = 0L

let by (signer: string) (action: Action) : Submission =
    nonce <- nonce + 1L

    {
        Signer = signer
        Nonce = genesis + nonce
        Expires = 0L
        Vault = null
        IsUserSigned = false
        Trouble = null
        Kind = "order"
        Action = action
    }

let step (s: VenueState) (submissions: Submission list) : BlockOutput =
    LocalVenue.step
        s
        {
            Time = s.Time + 70L
            Submissions = List.toArray submissions
        }

let order (asks: OrderAsk list) =
    Action.Order(List.toArray asks, Grouping.Na)

let statuses (answer: VenueAnswer) : Status[] =
    match answer with
    | VenueAnswer.Statuses(_, all) -> all
    | VenueAnswer.Err text -> failwith text
    | _ -> failwith "no statuses"

let oid (status: Status) : int64 =
    match status with
    | Status.Resting(oid, _) -> oid
    | Status.Filled(_, _, oid, _) -> oid
    | Status.Running id -> failwith $"{id}"
    | Status.Word w -> failwith w
    | Status.Error e -> failwith e

let text (status: Status) : string =
    match status with
    | Status.Error e -> e
    | Status.Word w -> w
    | Status.Running _ -> "running"
    | Status.Resting _ -> "resting"
    | Status.Filled _ -> "filled"

/// One order of somebody, in a block of its own.
let place (s: VenueState) (who: string) (a: OrderAsk) : Status =
    (statuses (step s [ by who (order [ a ]) ]).Answers[0])[0]

/// What an answer says: its sentence, `default`, its one status, or that it has many.
let err (answer: VenueAnswer) : string =
    match answer with
    | VenueAnswer.Err t -> t
    | VenueAnswer.Default -> "default"
    | VenueAnswer.Statuses _ -> "statuses"
    | VenueAnswer.One(_, status) -> text status
    | VenueAnswer.Text(_, t) -> t

/// What somebody's action is answered with, in a block of its own.
let say (s: VenueState) (who: string) (action: Action) : string =
    err (step s [ by who action ]).Answers[0]

let fillsOf (s: VenueState) (who: string) = s.ByAddress[who].Fills
