/// Which network an address is signed for.
module Vrlg.Wire.Networks

open Expecto
open Vrlg.Adapters.Hyperliquid

let tests =
    testList
        "networks"
        [
            testCase "only the exact address of mainnet is mainnet, and plain text stays on this machine" (fun () ->
                let found name =
                    let mutable trouble = ""

                    match Network.Find(name, &trouble) with
                    | null -> None
                    | n -> Some n.IsMainnet

                let expected =
                    [
                        "mainnet", Some true
                        "https://api.hyperliquid.xyz", Some true
                        "https://api.hyperliquid.xyz/", None
                        "http://api.hyperliquid.xyz", None
                        "https://api.hyperliquid.xyz:444", None
                        "https://API.hyperliquid.xyz", None
                        "testnet", Some false
                        "local", Some false
                        "http://127.0.0.1:3001", Some false
                        "http://localhost:5", Some false
                        "http://[::1]:5", Some false
                        "http://10.0.0.1:3001", None
                        "https://venue.example", Some false
                        "https://user:word@venue.example", None
                        "ftp://venue.example", None
                        "nonsense", None
                    ]

                for name, isMainnet in expected do
                    Expect.equal (found name) isMainnet name)
        ]
