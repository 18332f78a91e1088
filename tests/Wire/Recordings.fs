module Vrlg.Wire.Recordings

open Expecto

let tests = testList "Recordings" []
