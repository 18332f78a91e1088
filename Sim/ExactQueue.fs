namespace Vrlg.Sim

open System
open Vrlg.Core

/// The queue that is known order by order: the lots ahead are what joined earlier and still rests (simulation.md 7, ExactL3).
module internal ExactQueue =
    open Filling

    /// The queue is known order by order.
    let isExact (at: inref<At>) =
        at.Pit.IsByOrder
        && (match at.House.Config.Queue with
            | QueueModel.ExactL3 -> not at.House.Config.Rules.IsCompat
            | _ -> false)

    /// The exact queue: what an order ahead of ours gave up is no longer ahead; what one behind gave up changes nothing.
    let shrink (at: inref<At>) (own: OwnOrders) (px: int64) (v1: int64) =
        let lot = float at.Pit.Lot
        let move = at.Pit.Move
        let left = float move.Left / lot
        let most = float v1 / lot

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Order.Px = px then
                if Double.IsPositiveInfinity o.Front then
                    o.Front <- most
                    o.Since <- move.Number
                else
                    let front = if o.Since >= move.Joined then o.Front - left else o.Front
                    o.Front <- max 0.0 (min most front)

    /// M2 of the exact queue: an order of others was filled at our price. One ahead of ours leaves that much less ahead; one
    /// behind ours would have been met after ours, which fills first where nobody is ahead of it.
    let print (at: inref<At>) (own: OwnOrders) (px: int64) (print: int64) (size: int64) =
        let lot = at.Pit.Lot
        let joined = at.Pit.Move.Joined
        let lots = float print / float lot
        let mutable rest = size - size % lot

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Order.Px = px && o.Left > 0L then
                if o.Since >= joined then
                    o.Front <- max 0.0 (o.Front - lots)
                elif rest > 0L && o.Front = 0.0 then
                    rest <- share &at own i rest print false
