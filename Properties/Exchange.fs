module Vrlg.Properties.Exchange

open Expecto

let tests = testList "Exchange" []
