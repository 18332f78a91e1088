module Vrlg.Properties.Metrics

open Expecto

let tests = testList "Metrics" []
