module Vrlg.Properties.Face

open Expecto

let tests = testList "Face" []
