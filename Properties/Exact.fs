module Vrlg.Properties.Exact

open Expecto

let tests = testList "Exact" []
