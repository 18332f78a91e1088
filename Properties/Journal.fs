module Vrlg.Properties.Journal

open Expecto

let tests = testList "Journal" []
