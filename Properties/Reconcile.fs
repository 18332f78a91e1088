module Vrlg.Properties.Reconcile

open Expecto

let tests = testList "Reconcile" []
