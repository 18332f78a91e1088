module Vrlg.Properties.Slots

open Expecto

let tests = testList "Slots" []
