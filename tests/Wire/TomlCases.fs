module Vrlg.Wire.TomlCases

open Expecto

let tests = testList "TomlCases" []
