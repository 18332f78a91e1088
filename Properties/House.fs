module Vrlg.Properties.House

open Expecto

let tests = testList "House" []
