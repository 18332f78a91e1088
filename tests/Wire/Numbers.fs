module Vrlg.Wire.Numbers

open Expecto

let tests = testList "Numbers" []
