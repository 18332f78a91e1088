module Vrlg.Stories.Golden

open Expecto

let tests = testList "Golden" []
