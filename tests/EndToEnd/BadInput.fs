module Vrlg.EndToEnd.BadInput

open Expecto

let tests = testList "BadInput" []
