namespace Vrlg.Sim

open System
open System.Globalization
open System.Runtime.CompilerServices

/// Where in the queue a cancelled lot stood: `front` lots ahead of us, `behind` lots behind (simulation.md 7).
[<RequireQualifiedAccess>]
type QueueModel =
    /// Always behind us: the lower bound on fills.
    | RiskAverse
    /// Always ahead of us: the upper bound on fills.
    | FrontFirst
    | Uniform
    /// b^n / (b^n + f^n)
    | PowerA of n: int
    /// b^n / (f + b)^n
    | PowerB of n: int
    /// 1 - (f / (f + b))^n
    | PowerC of n: int
    /// ln(1 + b) / (ln(1 + b) + ln(1 + f))
    | LogA
    /// ln(1 + b) / ln(1 + f + b)
    | LogB
    /// No probability: where the feed is order by order, the lots ahead are known (`QueueMove`). Sums alone it takes as
    /// RiskAverse does.
    | ExactL3

/// What a record of an order-by-order feed did to the queue of its level, in plain numbers, so that a run keeps no orders of
/// others itself.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type QueueMove =
    {
        /// The number of the record, from 1.
        Number: int64
        /// The record with which the order that the event is about joined its queue: it stands ahead of everyone who came later.
        Joined: int64
        /// What that order took out of the queue without a print, in 1e-8.
        Left: int64
    }

    static member None: QueueMove = { Number = 0L; Joined = 0L; Left = 0L }

[<RequireQualifiedAccess>]
module Queue =
    /// Integer powers by repeated multiplication: the same bits on every machine.
    let private power (x: float) (n: int) =
        let mutable p = 1.0

        for _ in 1..n do
            p <- p * x

        p

    /// The one place of a logarithm: a mathematics library that differs in the last bit shows up in one test.
    let private ln1 (x: float) = log (1.0 + x)

    /// Probability that a cancelled lot was behind us; 1 when nobody is there.
    let behind (model: QueueModel) (front: float) (behind: float) : float =
        let sum = front + behind

        if sum <= 0.0 then
            1.0
        else
            match model with
            | QueueModel.RiskAverse
            | QueueModel.ExactL3 -> 1.0
            | QueueModel.FrontFirst -> 0.0
            | QueueModel.Uniform -> behind / sum
            | QueueModel.PowerA n ->
                let b = power behind n
                b / (b + power front n)
            | QueueModel.PowerB n -> power behind n / power sum n
            | QueueModel.PowerC n -> 1.0 - power (front / sum) n
            | QueueModel.LogA -> ln1 behind / (ln1 behind + ln1 front)
            | QueueModel.LogB -> ln1 behind / ln1 sum

    /// M3: the front after a level went from `before` (trades already out) to `v1` displayed lots. Stays within [0, v1] for
    /// every model.
    let shrink (model: QueueModel) (front: float) (before: float) (v1: float) : float =
        let d = before - v1

        if d <= 0.0 then
            min front v1
        else
            let f = min front before
            let b = before - f
            let cb = min b (behind model f b * d)
            let ca = min f (d - cb)
            max 0.0 (min v1 (f - ca))

    /// The queue of the compatibility profile (simulation.md 17), deliberately without floors: `traded` lots were printed at the
    /// price since its last record, `v0` and `v1` are the displayed sizes before and after.
    let compat (front: float) (traded: float) (v0: float) (v1: float) : float =
        let change = v0 - v1 - traded

        if change < 0.0 then
            min front v1
        else
            let b = v0 - front
            let raw = 1.0 - power (front / (front + b)) 3
            let p = if Double.IsFinite raw then raw else 1.0
            min (front - (1.0 - p) * change + min 0.0 (b - p * change)) v1

    let name (model: QueueModel) =
        match model with
        | QueueModel.RiskAverse -> "RiskAverse"
        | QueueModel.FrontFirst -> "FrontFirst"
        | QueueModel.Uniform -> "Uniform"
        | QueueModel.PowerA n -> $"PowerA:{n}"
        | QueueModel.PowerB n -> $"PowerB:{n}"
        | QueueModel.PowerC n -> $"PowerC:{n}"
        | QueueModel.LogA -> "LogA"
        | QueueModel.LogB -> "LogB"
        | QueueModel.ExactL3 -> "ExactL3"

    /// What `parse` understands, but for `ExactL3`: that one only where a feed is order by order.
    let choices =
        "RiskAverse, FrontFirst, Uniform, PowerA:n, PowerB:n, PowerC:n, LogA, LogB"

    /// The model of a name such as `RiskAverse` or `PowerC:3`; the power is 1 to 16.
    let parse (text: string) : QueueModel voption =
        let powered (make: int -> QueueModel) (tail: string) =
            match Int32.TryParse(tail, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, n when n >= 1 && n <= 16 -> ValueSome(make n)
            | _ -> ValueNone

        match text with
        | "RiskAverse" -> ValueSome QueueModel.RiskAverse
        | "FrontFirst" -> ValueSome QueueModel.FrontFirst
        | "Uniform" -> ValueSome QueueModel.Uniform
        | "LogA" -> ValueSome QueueModel.LogA
        | "LogB" -> ValueSome QueueModel.LogB
        | "ExactL3" -> ValueSome QueueModel.ExactL3
        | t when t.StartsWith("PowerA:", StringComparison.Ordinal) -> powered QueueModel.PowerA (t.Substring 7)
        | t when t.StartsWith("PowerB:", StringComparison.Ordinal) -> powered QueueModel.PowerB (t.Substring 7)
        | t when t.StartsWith("PowerC:", StringComparison.Ordinal) -> powered QueueModel.PowerC (t.Substring 7)
        | _ -> ValueNone
