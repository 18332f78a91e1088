module Vrlg.Properties.Strategies

open Expecto

let tests = testList "Strategies" []
