module Vrlg.ShellTests.JournalFiles

open Expecto

let tests = testList "JournalFiles" []
