/// The flags of `vrlg verify-order`.
module Vrlg.Cli.VerifyOrderArguments

open Argu

type VerifyOrderArgs =
    | [<Mandatory; Unique>] Venue of name: string
    | [<Mandatory; Unique>] Key of reference: string
    | [<Mandatory; Unique>] Account of address: string
    | [<Unique>] Coin of name: string
    | [<Unique>] Signer of name: string
    | [<Unique>] Passphrase of reference: string
    | [<Unique>] State of folder: string
    | I_Know
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Venue _ -> "testnet, local (port 3001 of this machine) or an address; never mainnet"
            | Key _ -> "env:NAME, file:PATH or keystore:PATH; never the key itself"
            | Account _ -> "address of the account that the key trades for"
            | Coin _ -> "a perpetual; default BTC"
            | Signer _ -> "native (libsecp256k1, the default where it is installed) or managed"
            | Passphrase _ -> "env:NAME with the passphrase of a keystore; without it the terminal is asked"
            | State _ -> "where nonces are kept over runs; default ~/.local/state/vrlg"
            | I_Know -> "take the account's own key instead of an API wallet's"
            | Json -> "print one JSON object"
