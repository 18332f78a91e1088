module Vrlg.EndToEnd.ReportInBrowser

open Expecto

let tests = testList "ReportInBrowser" []
