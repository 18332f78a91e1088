module Vrlg.ShellTests.RunFolders

open Expecto

let tests = testList "RunFolders" []
