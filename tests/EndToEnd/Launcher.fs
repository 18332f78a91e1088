module Vrlg.EndToEnd.Launcher

open Expecto

let tests = testList "Launcher" []
