module Vrlg.Properties.Orders

open Expecto

let tests = testList "Orders" []
