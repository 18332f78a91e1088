module Vrlg.Properties.Rotation

open Expecto

let tests = testList "Rotation" []
