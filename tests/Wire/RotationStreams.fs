module Vrlg.Wire.RotationStreams

open Expecto

let tests = testList "RotationStreams" []
