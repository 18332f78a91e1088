module Vrlg.Properties.Health

open Expecto

let tests = testList "Health" []
