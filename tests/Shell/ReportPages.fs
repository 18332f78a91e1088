module Vrlg.ShellTests.ReportPages

open Expecto

let tests = testList "ReportPages" []
