module Vrlg.Stories.Scalper

open Expecto

let tests = testList "Scalper" []
