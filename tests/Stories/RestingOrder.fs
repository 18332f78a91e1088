module Vrlg.Stories.RestingOrder

open Expecto

let tests = testList "RestingOrder" []
