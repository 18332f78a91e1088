module Vrlg.Wire.NeutralFeed

open Expecto

let tests = testList "NeutralFeed" []
