module Vrlg.Properties.Ledger

open Expecto

let tests = testList "Ledger" []
