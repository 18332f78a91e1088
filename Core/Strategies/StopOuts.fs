namespace Vrlg.Core

open System.Collections.Immutable

/// When stop-outs in a row pause the entries (D0-072).
[<NoComparison>]
type StopOutConfig =
    {
        /// So many of them; 0 never pauses.
        Count: int
        /// Within this time, first to last; its edge counts.
        Within: Duration
        /// How long entries pause; over at its very end.
        Pause: Duration
    }

/// How a position was left.
type LeftBy =
    | Other = 0uy
    | Stop = 1uy
    | TimeStop = 2uy

/// Stop-outs in a row: positions left by the protective stop or the time-stop with a net loss, fees included (X16). Any other end of
/// a position breaks the row. Exits are never held up.
[<Sealed>]
type StopOuts private (config: StopOutConfig, row: ImmutableArray<int64>, until: int64) =
    static member Start(config: StopOutConfig) =
        StopOuts(config, ImmutableArray.Empty, 0L)

    /// Entries pause until this instant; 0 before the first pause.
    member _.Until = until
    member _.Row = row.Length
    member _.IsPaused(now: Instant) = now.Ns < until

    /// A position ended at `now` with this net result.
    member s.Ended(now: Instant, by: LeftBy, net: Usd) : StopOuts =
        if config.Count = 0 then
            s
        elif by = LeftBy.Other || net.Raw >= 0L then
            if row.IsEmpty then
                s
            else
                StopOuts(config, ImmutableArray.Empty, until)
        else
            let recent = row.RemoveAll(fun at -> now.Ns - at > config.Within.Ns).Add now.Ns

            if recent.Length >= config.Count then
                StopOuts(config, ImmutableArray.Empty, now.Ns + config.Pause.Ns)
            else
                StopOuts(config, recent, until)
