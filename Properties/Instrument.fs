module Vrlg.Properties.Instrument

open Expecto

let tests = testList "Instrument" []
