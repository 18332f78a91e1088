/// Where trading keys come from: environment, files and keystores.
module Vrlg.Wire.KeySources

open System
open System.Buffers
open System.Collections.Concurrent
open System.Collections.Immutable
open System.Diagnostics
open System.IO
open System.Reflection
open System.Text
open System.Text.Json
open System.Threading
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Core
open Vrlg.Wire.Keys

let inFolder (f: string -> unit) =
    let folder = Path.Combine(Path.GetTempPath(), $"vrlg-{Guid.NewGuid():N}")
    Directory.CreateDirectory folder |> ignore

    try
        f folder
    finally
        Directory.Delete(folder, true)

let private load (reference: string) (policy: KeyPolicy) (know: bool) (passphrase: string | null) =
    let mutable trouble = ""

    match
        KeyFiles.Load(
            reference,
            policy,
            SignerChoice.Managed,
            know,
            (fun _ -> passphrase),
            TimeProvider.System,
            &trouble
        )
    with
    | null -> Error trouble
    | loaded ->
        use key = loaded.Key
        Ok(key.Signer.ToString())

let private secretText = Convert.ToHexStringLower secret

/// The published test vectors of Web3 secret storage, version 3: password `testpassword`.
let private stores =
    [
        """{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2","kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"""
        """{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},"ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt","kdfparams":{"dklen":32,"n":262144,"r":1,"p":8,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},"mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"""
    ]

let private storedKey =
    "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"

let private signerOf (hex: string) =
    match managed.Load(ReadOnlySpan(Convert.FromHexString hex)) with
    | null -> failtest "a key"
    | key ->
        use key = key
        key.Address.ToString()

let private write (path: string) (text: string) (mode: UnixFileMode) =
    File.WriteAllText(path, text)
    File.SetUnixFileMode(path, mode)

let own = UnixFileMode.UserRead ||| UnixFileMode.UserWrite

let private sourceTests =
    testList
        "come from"
        [
            testCase "a closed file of our own" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "key")
                    write path ("0x" + secretText + "\n") own

                    Expect.equal
                        (load $"file:{path}" (policyOf true None) false null)
                        (Ok(signerOf secretText))
                        "taken"

                    write path secretText (own ||| UnixFileMode.GroupRead)
                    let opened = load $"file:{path}" (policyOf true None) false null

                    Expect.stringContains
                        (match opened with
                         | Error e -> e
                         | Ok _ -> "")
                        "chmod 600"
                        "others may read it"

                    write path "nonsense" own
                    Expect.isError (load $"file:{path}" (policyOf true None) false null) "no key"
                    write path secretText own
                    let link = Path.Combine(folder, "link")
                    File.CreateSymbolicLink(link, path) |> ignore
                    let linked = load $"file:{link}" (policyOf true None) false null

                    Expect.stringContains
                        (match linked with
                         | Error e -> e
                         | Ok _ -> "")
                        "symbolic link"
                        "not followed"

                    Expect.isError (load $"file:{folder}" (policyOf true None) false null) "a folder"
                    Expect.isError (load $"file:{path}.none" (policyOf true None) false null) "not there"))
            testCase "the environment, which forgets it at once" (fun () ->
                let name = "VRLG_TEST_KEY"
                Environment.SetEnvironmentVariable(name, secretText)
                Expect.equal (load $"env:{name}" (policyOf true None) false null) (Ok(signerOf secretText)) "taken"
                Expect.isNull (Environment.GetEnvironmentVariable name) "gone"
                Expect.isError (load $"env:{name}" (policyOf true None) false null) "not there any more"
                Environment.SetEnvironmentVariable(name, "nonsense")
                Expect.isError (load $"env:{name}" (policyOf true None) false null) "no key"
                Expect.isNull (Environment.GetEnvironmentVariable name) "gone too")
            testCase "the published keystores, by scrypt and by PBKDF2" (fun () ->
                inFolder (fun folder ->
                    for i, text in List.indexed stores do
                        let path = Path.Combine(folder, $"store{i}")
                        write path text own
                        let got = load $"keystore:{path}" (policyOf true None) false "testpassword"
                        Expect.equal got (Ok(signerOf storedKey)) $"store {i}"
                        let wrong = load $"keystore:{path}" (policyOf true None) false "testpasswort"

                        Expect.stringContains
                            (match wrong with
                             | Error e -> e
                             | Ok _ -> "")
                            "passphrase"
                            $"store {i}"

                        Expect.isError (load $"keystore:{path}" (policyOf true None) false null) "no passphrase"))
            testCase "our own keystore comes back, and a damaged one is a sentence" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "store")
                    let text = KeyFiles.Encrypt(Array.copy secret, account, "long enough")
                    write path text own

                    Expect.equal
                        (load $"keystore:{path}" (policyOf true None) false "long enough")
                        (Ok(signerOf secretText))
                        "read back"

                    for damage in
                        [
                            ""
                            "{}"
                            "[]"
                            "null"
                            text.Replace("scrypt", "md5")
                            text.Substring(0, text.Length / 2)
                            text.Replace("ciphertext\":\"", "ciphertext\":\"zz")
                        ] do
                        write path damage own

                        match load $"keystore:{path}" (policyOf true None) false "long enough" with
                        | Ok _ -> failtestf "taken: %s" damage
                        | Error why ->
                            Expect.stringContains why path "says where"
                            Expect.isFalse (why.Contains secretText || why.Contains "long enough") "and tells nothing"))
            testCase "a master key is refused on mainnet whatever is said" (fun () ->
                Environment.SetEnvironmentVariable("VRLG_TEST_MASTER", secretText)
                let mutable self = Address()
                Address.TryParse(signerOf secretText, &self) |> ignore

                let mine isMainnet =
                    KeyPolicy(self, Nullable(), isMainnet, usd 1L, usd 1L, 1)

                Expect.isError (load "env:VRLG_TEST_MASTER" (mine true) true null) "mainnet"
                Environment.SetEnvironmentVariable("VRLG_TEST_MASTER", secretText)
                Expect.isError (load "env:VRLG_TEST_MASTER" (mine false) false null) "testnet without --i-know"
                Environment.SetEnvironmentVariable("VRLG_TEST_MASTER", secretText)
                Expect.isOk (load "env:VRLG_TEST_MASTER" (mine false) true null) "testnet with it"
                Environment.SetEnvironmentVariable("VRLG_TEST_MASTER", secretText)

                let forSub = KeyPolicy(self, Nullable account, true, usd 1L, usd 1L, 1)

                Expect.isError (load "env:VRLG_TEST_MASTER" forSub true null) "nor for its sub-account")
            testCase "a key in place of a reference is not repeated" (fun () ->
                for reference in
                    [
                        secretText
                        "env:" + secretText
                        "env:0x" + secretText
                        "env:KEY=" + secretText
                        "env:"
                        "file:" + secretText
                        "file:0x" + secretText.ToUpperInvariant()
                        "keystore:" + secretText
                        "file:/keys/" + secretText.Substring 1
                    ] do
                    match load reference (policyOf true None) false "word" with
                    | Ok _ -> failtest "taken"
                    | Error why ->
                        Expect.isFalse
                            (why.Contains(secretText.Substring(8, 8), StringComparison.OrdinalIgnoreCase))
                            why)
        ]

let tests = testSequenced (testList "keys" [ sourceTests ])
