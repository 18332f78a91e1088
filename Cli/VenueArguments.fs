/// The flags of `vrlg venue`.
module Vrlg.Cli.VenueArguments

open Argu

type VenueArgs =
    | [<Unique>] Port of number: int
    | [<Unique>] Network of name: string
    | [<Unique>] Scenario of name: string
    | [<Unique>] Seed of number: int64
    | Fund of balance: string
    | Fund_Spot of balance: string
    | [<Unique>] Speed of factor: string
    | [<Unique>] Limits of name: string
    | [<Unique>] State of file: string
    | [<Unique>] Faults of file: string
    | [<Unique>] Truth of file: string
    | [<Unique>] Record of folder: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Port _ -> "of loopback; default 3001; 0 takes a free one"
            | Network _ -> "whose signatures it takes: testnet (default) or mainnet"
            | Scenario _ -> "calm (default), rotation, trend or stall"
            | Seed _ -> "of the synthetic market; default 1"
            | Fund _ -> "ADDRESS=USDC on the perpetuals' side; may be given again"
            | Fund_Spot _ -> "ADDRESS=TOKEN:AMOUNT on the spot side; may be given again"
            | Speed _ -> "scales synthetic takers and funding intervals, 0.01 to 1000; default 1"
            | Limits _ ->
                "off (default), or venue: weights by IP, limits of the WebSocket, address budgets, the volume that a scheduled cancel asks for"
            | State _ -> "a log from which the venue goes on after a restart"
            | Faults _ -> "a TOML file of what goes wrong on purpose"
            | Truth _ -> "a JSON file that is told the scenario's period, phase and onset"
            | Record _ -> "a folder that everything said is written into, without signatures"
            | Json -> "print one JSON object when it listens"
