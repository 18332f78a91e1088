/// The flags of `vrlg conformance`.
module Vrlg.Cli.ConformanceArguments

open Argu

type ConformanceArgs =
    | [<Mandatory; Unique>] Venue of name: string
    | [<Unique>] Key of reference: string
    | [<Unique>] Account of address: string
    | [<Unique>] Signer of name: string
    | [<Unique>] Passphrase of reference: string
    | [<Unique>] State of folder: string
    | [<Unique>] Patience of seconds: int
    | I_Know
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Venue _ -> "local (port 3001 of this machine), testnet, or an address; never mainnet"
            | Key _ -> "env:NAME, file:PATH or keystore:PATH: place and cancel orders with this key too"
            | Account _ -> "the account that approved the key; without it the key is the account's own, with --i-know"
            | Signer _ -> "native (libsecp256k1, the default where it is installed) or managed"
            | Passphrase _ -> "env:NAME with the passphrase of a keystore; without it the terminal is asked"
            | State _ -> "folder of the key's nonces; default ~/.local/state/vrlg"
            | Patience _ -> "seconds that one answer may take; default 15"
            | I_Know -> "take an account's own key, on a test network"
            | Json -> "print one JSON object"
