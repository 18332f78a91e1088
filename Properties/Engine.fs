module Vrlg.Properties.Engine

open Expecto

let tests = testList "Engine" []
