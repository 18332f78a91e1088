/// The same setup over the same tape under the two queue rules that bound the truth, beside the run that is written down.
module Vrlg.Cli.Bounds

open System
open System.Threading
open System.Threading.Tasks
open Vrlg.Core
open Vrlg.Sim

/// A run that goes on beside the run itself, and the share of it that is done.
[<NoComparison; NoEquality>]
type private Bound =
    {
        Headline: Task<Headline>
        Done: float ref
    }

/// Work that goes on while the run itself does.
[<NoComparison; NoEquality>]
type Pending =
    private
        {
            MidsOf: Task<MidPath>
            /// None where the run itself is under that rule: nothing is run twice.
            Lower: Bound option
            Upper: Bound option
        }

/// Starts the mids of the tape and the runs that the run itself is not. Every task reads a tape of its own and shares nothing, so
/// their answers do not depend on how they are scheduled.
let start (setup: RunSetup) (world: WorldConfig) (tape: Tape) (stop: CancellationToken) : Pending =
    let ofMids = tape.Fork()
    let mids = Task.Run(fun () -> Backtest.mids setup ofMids)

    let under (model: QueueModel) =
        if model = world.Exchange.Queue then
            None
        else
            let tape = tape.Fork()
            let reached = ref 0.0

            let run () =
                let isStopped = Func<bool>(fun () -> stop.IsCancellationRequested)
                let config = Backtest.withQueue model world
                let show = Action<float>(fun share -> Volatile.Write(&reached.contents, share))
                let struct (tally, _) = Backtest.tally setup config tape isStopped show

                let finished = Finished.Of(setup, world.Seed, mids.GetAwaiter().GetResult(), tally)
                (Objective.ofRun finished).Headline

            Some
                {
                    Headline = Task.Run run
                    Done = reached
                }

    {
        MidsOf = mids
        Lower = under QueueModel.RiskAverse
        Upper = under QueueModel.FrontFirst
    }

/// Waits for the mids.
let mids (pending: Pending) : MidPath = pending.MidsOf.GetAwaiter().GetResult()

/// Waits for both bounds; `point` is the run's own headline and `show` takes the share that is done. None where the run was
/// stopped, for then they are of a part only.
let wait (pending: Pending) (point: Headline) (stop: CancellationToken) (show: float -> unit) : QueueBounds voption =
    let bounds = List.choose id [ pending.Lower; pending.Upper ]

    let tasks: Task[] =
        [|
            for b in bounds do
                b.Headline
        |]

    let whole = Task.WhenAll tasks

    while Task.WaitAny([| whole |], 100) < 0 do
        show (bounds |> List.averageBy (fun b -> Volatile.Read &b.Done.contents))

    let headline (bound: Bound option) =
        match bound with
        | Some b -> b.Headline.GetAwaiter().GetResult()
        | None -> point

    let lower = headline pending.Lower
    let upper = headline pending.Upper

    if stop.IsCancellationRequested then
        ValueNone
    else
        ValueSome
            {
                Point = point
                RiskAverse = lower
                FrontFirst = upper
            }
