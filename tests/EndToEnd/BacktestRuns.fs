module Vrlg.EndToEnd.BacktestRuns

open Expecto

let tests = testList "BacktestRuns" []
