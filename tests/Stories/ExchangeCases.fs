module Vrlg.Stories.ExchangeCases

open Expecto

let tests = testList "ExchangeCases" []
