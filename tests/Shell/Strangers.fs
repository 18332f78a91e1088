module Vrlg.ShellTests.Strangers

open Expecto

let tests = testList "Strangers" []
