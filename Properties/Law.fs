/// A law: a sentence that must hold for whatever is drawn. A failure prints the draw and the seed that repeats it.
module Vrlg.Properties.Law

open Expecto

/// A law with `n` draws.
let lawN (n: int) (name: string) (holds: unit -> 'testable) : Test =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = n
        }
        name
        holds

/// A law with 200 draws.
let law (name: string) (holds: unit -> 'testable) : Test = lawN 200 name holds
