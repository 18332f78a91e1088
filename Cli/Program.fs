module Vrlg.Cli.Program

[<EntryPoint>]
let main _ = 0
