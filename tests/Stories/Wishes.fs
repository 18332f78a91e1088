module Vrlg.Stories.Wishes

open Expecto

let tests = testList "Wishes" []
