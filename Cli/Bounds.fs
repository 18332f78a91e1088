/// The same setup over the same tape under the two queue rules that bound the truth, beside the run that is written down.
module Vrlg.Cli.Bounds

open System
open System.Threading
open System.Threading.Tasks
open Vrlg.Core
open Vrlg.Sim

/// Work that goes on while the run itself does.
[<NoComparison; NoEquality>]
type Pending =
    private
        {
            MidsOf: Task<MidPath>
            /// None where the run itself is under that rule: nothing is run twice.
            Lower: Task<Headline> option
            Upper: Task<Headline> option
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

            let run () =
                let isStopped = Func<bool>(fun () -> stop.IsCancellationRequested)
                let config = Backtest.withQueue model world
                let struct (tally, _) = Backtest.tally setup config tape isStopped
                let finished = Finished.Of(setup, world.Seed, mids.GetAwaiter().GetResult(), tally)
                (Objective.ofRun finished).Headline

            Some(Task.Run run)

    {
        MidsOf = mids
        Lower = under QueueModel.RiskAverse
        Upper = under QueueModel.FrontFirst
    }

/// Waits for the mids.
let mids (pending: Pending) : MidPath = pending.MidsOf.GetAwaiter().GetResult()

/// Waits for both bounds; `point` is the run's own headline. None where the run was stopped, for then they are of a part only.
let wait (pending: Pending) (point: Headline) (stop: CancellationToken) : QueueBounds voption =
    let headline (task: Task<Headline> option) =
        match task with
        | Some t -> t.GetAwaiter().GetResult()
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
