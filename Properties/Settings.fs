module Vrlg.Properties.Settings

open Expecto

let tests = testList "Settings" []
