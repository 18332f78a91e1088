module Vrlg.Properties.World

open Expecto

let tests = testList "World" []
