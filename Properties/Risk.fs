module Vrlg.Properties.Risk

open Expecto

let tests = testList "Risk" []
