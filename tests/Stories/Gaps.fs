module Vrlg.Stories.Gaps

open Expecto

let tests = testList "Gaps" []
