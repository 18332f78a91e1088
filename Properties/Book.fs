module Vrlg.Properties.Book

open Expecto

let tests = testList "Book" []
