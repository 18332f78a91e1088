module Vrlg.Properties.Windows

open Expecto

let tests = testList "Windows" []
