module Vrlg.EndToEnd.DemoRuns

open Expecto

let tests = testList "DemoRuns" []
