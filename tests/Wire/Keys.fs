/// Keys that trade: what they sign, what they refuse, where they come from, and their nonces.
module Vrlg.Wire.Keys

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

let private secret = Array.init 32 (fun i -> byte (i + 1))

let private account =
    let mutable a = Address()
    Address.TryParse("0x14791697260e4c9a71f18484c9f997b308e59325", &a) |> ignore
    a

let private usd (whole: int64) = Usd.Of(whole * 100_000_000L)

let private policyOf (isMainnet: bool) (vault: Address option) : KeyPolicy =
    KeyPolicy(
        account,
        (match vault with
         | Some v -> Nullable v
         | None -> Nullable()),
        isMainnet,
        usd 1_000L,
        usd 3_000L,
        20
    )

/// A clock that stands where it is put.
type private Hands() =
    inherit TimeProvider()
    member val Now = DateTimeOffset.FromUnixTimeMilliseconds 1_790_000_000_000L with get, set
    override h.GetUtcNow() = h.Now
    override _.TimestampFrequency = 1_000L
    override h.GetTimestamp() = h.Now.ToUnixTimeMilliseconds()

let private keyOf (curve: Curve) (policy: KeyPolicy) (clock: TimeProvider) =
    match curve.Load(ReadOnlySpan secret) with
    | null -> failtest "a key in range"
    | key -> new TradingKey(key, policy, clock)

let private managed = ManagedCurve() :> Curve

let private order (reduce: bool) (px: int64) (sz: int64) : OrderRequest =
    OrderRequest(
        0,
        Side.Buy,
        Px.Of(px * 100_000_000L),
        Sz.Of(sz * 1_000_000L),
        Tif.Alo,
        reduce,
        { Run = 7L; N = 9L },
        Px.Of 0L
    )

let private place (orders: OrderRequest list) : TradingAction =
    TradingAction.Place(ImmutableArray.CreateRange orders)

let private sign (key: TradingKey) (action: TradingAction) (nonce: uint64) (expires: uint64 option) =
    let into = ArrayBufferWriter<byte>()

    let said =
        key.TrySign(
            action,
            nonce,
            (match expires with
             | Some e -> Nullable e
             | None -> Nullable()),
            into
        )

    match said with
    | null -> Ok(into.WrittenMemory.ToArray())
    | why ->
        Expect.equal into.WrittenCount 0 "nothing is written beside a refusal"
        Error why

/// Any action, drawn.
let private drawn (random: Random) : TradingAction =
    let number most = random.NextInt64(1L, most)

    let cloid () : Cloid =
        {
            Run = number 1_000_000_000_000L
            N = number 1_000_000L
        }

    let one () =
        let isTrigger = random.Next 5 = 0

        OrderRequest(
            random.Next 20_000,
            (if random.Next 2 = 0 then Side.Buy else Side.Sell),
            Px.Of(number 10_000_000_000_000L),
            Sz.Of(number 1_000L),
            LanguagePrimitives.EnumOfValue<byte, Tif>(byte (random.Next 3)),
            isTrigger || random.Next 2 = 0,
            (if random.Next 4 = 0 then Cloid.None else cloid ()),
            Px.Of(if isTrigger then number 10_000_000_000_000L else 0L)
        )

    match random.Next 7 with
    | 0 -> TradingAction.Place(ImmutableArray.CreateRange(List.init (random.Next(1, 20)) (fun _ -> one ())))
    | 1 ->
        TradingAction.Cancel(
            ImmutableArray.CreateRange(
                List.init (random.Next(1, 20)) (fun _ -> CancelRequest(random.Next 300, number 1_000_000_000_000L))
            )
        )
    | 2 ->
        TradingAction.CancelByCloid(
            ImmutableArray.CreateRange(
                List.init (random.Next(1, 20)) (fun _ -> CancelByCloidRequest(random.Next 300, cloid ()))
            )
        )
    | 3 ->
        TradingAction.ScheduleCancel(
            if random.Next 2 = 0 then
                Nullable()
            else
                Nullable(number 2_000_000_000_000L)
        )
    | 4 -> TradingAction.UpdateLeverage(random.Next 300, random.Next 2 = 0, random.Next(1, 20))
    | 5 -> TradingAction.SendToSelf("", "spot", "USDC:0x6d1e7cde53ba9467b783cb7c530ce054", Usd.Of(number 1_000_000L))
    | _ -> TradingAction.Noop()

/// Whose signature a request carries, as the venue finds out: parse, write canonically, hash, recover.
let private recovered (isMainnet: bool) (body: byte[]) : Address =
    use json = JsonDocument.Parse(ReadOnlyMemory body)
    let root = json.RootElement
    let pack = MsgPackSink()
    let mutable trouble = ""

    if not (CanonicalAction.TryWrite(root.GetProperty "action", pack, &trouble)) then
        failtestf "not an action: %s in %s" trouble (Encoding.UTF8.GetString body)

    let vault =
        match root.TryGetProperty "vaultAddress" with
        | true, v ->
            let mutable a = Address()
            Address.TryParse(v.GetString(), &a) |> ignore
            Nullable a
        | _ -> Nullable()

    let expires =
        match root.TryGetProperty "expiresAfter" with
        | true, v -> Nullable(v.GetUInt64())
        | _ -> Nullable()

    let connection, digest, rs =
        Array.zeroCreate 32, Array.zeroCreate 32, Array.zeroCreate 64

    ActionHash.ConnectionId(pack, (root.GetProperty "nonce").GetUInt64(), vault, expires, Span connection)
    ActionHash.Digest(ReadOnlySpan connection, isMainnet, Span digest)
    let signature = root.GetProperty "signature"

    Hex.TryReadNumber(signature.GetProperty("r").GetString(), Span(rs, 0, 32))
    |> ignore

    Hex.TryReadNumber(signature.GetProperty("s").GetString(), Span(rs, 32, 32))
    |> ignore

    let mutable signer = Address()
    let v = signature.GetProperty("v").GetInt32() - 27
    Expect.isTrue (managed.TryRecover(ReadOnlySpan digest, ReadOnlySpan rs, v, &signer)) "some key signed"
    signer

let private agree (count: int) =
    match NativeCurve.OfThisMachine() with
    | null -> skiptest "libsecp256k1 is not installed on this machine"
    | native ->
        let wide =
            KeyPolicy(account, Nullable account, false, Usd.Of Int64.MaxValue, Usd.Of Int64.MaxValue, 20)

        use a = keyOf native wide TimeProvider.System
        use b = keyOf managed wide TimeProvider.System
        let random = Random 5

        for i in 1..count do
            let action = drawn random
            let nonce = uint64 (random.NextInt64(1L, 2_000_000_000_000L))
            let expires = if random.Next 2 = 0 then None else Some(nonce + 14_000UL)

            match sign a action nonce expires, sign b action nonce expires with
            | Ok one, Ok other ->
                Expect.equal (Encoding.UTF8.GetString one) (Encoding.UTF8.GetString other) $"action {i} of seed 5"

                if i % 20 = 0 then
                    Expect.equal (recovered false one) a.Signer "and the venue finds the signer"
            | one, other -> failtestf "refused: %A %A" one other

let private inFolder (f: string -> unit) =
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

let private own = UnixFileMode.UserRead ||| UnixFileMode.UserWrite

let private signingTests =
    testList
        "signs"
        [
            testCase "ten thousand random actions: both libraries write the same request" (fun () -> agree 10_000)
            testCase "a key signs trading actions and nothing else" (fun () ->
                let kinds =
                    typeof<TradingAction>.GetNestedTypes(BindingFlags.Public ||| BindingFlags.NonPublic)
                    |> Array.filter (fun t -> t.IsSubclassOf typeof<TradingAction>)
                    |> Array.map (fun t -> t.Name)
                    |> Array.sort

                Expect.equal
                    kinds
                    [|
                        "Cancel"
                        "CancelByCloid"
                        "Noop"
                        "Place"
                        "ScheduleCancel"
                        "SendToSelf"
                        "UpdateLeverage"
                    |]
                    "the closed union"

                Expect.isTrue
                    (typeof<TradingAction>
                        .GetConstructors(BindingFlags.Instance ||| BindingFlags.NonPublic ||| BindingFlags.Public)
                     |> Array.forall (fun c -> c.IsPrivate || c.GetParameters().Length = 1))
                    "nobody else can add to it"

                let methods =
                    typeof<TradingKey>
                        .GetMembers(
                            BindingFlags.Public
                            ||| BindingFlags.Instance
                            ||| BindingFlags.Static
                            ||| BindingFlags.DeclaredOnly
                        )
                    |> Array.map (fun m -> m.Name)
                    |> Array.filter (fun n -> not (n.StartsWith "get_"))
                    |> Array.sort

                Expect.equal methods [| "Dispose"; "IsMaster"; "Policy"; "Signer"; "TrySign" |] "no method for bytes"

                // From the whole public face of the assembly nothing else takes or gives a key.
                for t in typeof<TradingKey>.Assembly.GetExportedTypes() do
                    for m in t.GetMethods() do
                        if m.ReturnType = typeof<CurveKey> || m.ReturnType = typeof<Curve> then
                            failtestf "%s.%s hands a key out" t.Name m.Name

                Expect.isFalse (typeof<CurveKey>.IsPublic || typeof<Curve>.IsPublic) "keys are internal")
            testCase "the caps hold what opens and never what closes" (fun () ->
                let clock = Hands()
                use key = keyOf managed (policyOf false None) clock
                let refused = sign key (place [ order false 100_000L 2L ]) 1UL None

                Expect.stringContains
                    (match refused with
                     | Error e -> e
                     | Ok _ -> "")
                    "limit of one order"
                    "2,000 USD"

                Expect.isOk (sign key (place [ order true 100_000L 200L ]) 2UL None) "reduce-only passes"

                for i in 3UL .. 5UL do
                    Expect.isOk (sign key (place [ order false 100_000L 1L ]) i None) "1,000 USD is the limit itself"

                let fourth = sign key (place [ order false 50_000L 1L ]) 6UL None

                Expect.stringContains
                    (match fourth with
                     | Error e -> e
                     | Ok _ -> "")
                    "within a minute"
                    "3,500 USD"

                Expect.isOk (sign key (place [ order true 100_000L 200L ]) 7UL None) "reduce-only still passes"

                let cancels = TradingAction.Cancel(ImmutableArray.Create(CancelRequest(0, 1L)))
                Expect.isOk (sign key cancels 8UL None) "cancels pass"
                clock.Now <- clock.Now.AddMilliseconds 60_000.0
                Expect.isOk (sign key (place [ order false 50_000L 1L ]) 9UL None) "a minute later"

                let together =
                    sign
                        key
                        (place [ order false 100_000L 1L; order false 100_000L 1L; order false 60_000L 1L ])
                        10UL
                        None

                Expect.isError together "the orders of one action count together")
            testCase "what cannot be right is refused with a sentence" (fun () ->
                use key = keyOf managed (policyOf false None) TimeProvider.System

                let trigger =
                    OrderRequest(0, Side.Sell, Px.Of 1L, Sz.Of 1L, Tif.Ioc, false, Cloid.None, Px.Of 5L)

                for action in
                    [
                        place []
                        place [ order false 0L 1L ]
                        place [ order false 1L 0L ]
                        place [ trigger ]
                        TradingAction.Place(ImmutableArray<OrderRequest>()) :> TradingAction
                        TradingAction.Cancel ImmutableArray.Empty
                        TradingAction.CancelByCloid ImmutableArray.Empty
                        TradingAction.UpdateLeverage(0, true, 21)
                        TradingAction.UpdateLeverage(0, true, 0)
                        TradingAction.SendToSelf("", "spot", "USDC", Usd.Of 0L)
                    ] do
                    Expect.isError (sign key action 1UL None) $"{action}")
            testCase "vault and network are the policy's" (fun () ->
                use key = keyOf managed (policyOf true (Some account)) TimeProvider.System

                match sign key (place [ order false 1_000L 1L ]) 1_700_000_000_000UL (Some 1_700_000_014_000UL) with
                | Error why -> failtest why
                | Ok body ->
                    Expect.equal (recovered true body) key.Signer "as mainnet"
                    Expect.notEqual (recovered false body) key.Signer "not as testnet"
                    Expect.stringContains (Encoding.UTF8.GetString body) "\"vaultAddress\":\"0x1479" "for the vault"

                match sign key (TradingAction.Noop()) 1UL None with
                | Ok body ->
                    Expect.isFalse ((Encoding.UTF8.GetString body).Contains "vault") "a noop is the signer's own"
                | Error why -> failtest why)
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
                Expect.isOk (load "env:VRLG_TEST_MASTER" (mine false) true null) "testnet with it")
            testCase "a key in place of a reference is not repeated" (fun () ->
                match load secretText (policyOf true None) false null with
                | Ok _ -> failtest "taken"
                | Error why -> Expect.isFalse (why.Contains(secretText.Substring(0, 8))) why)
        ]

let private opened (folder: string) (clock: TimeProvider) =
    let mutable trouble = ""

    match Nonces.Open(folder, account, clock, &trouble) with
    | null -> Error trouble
    | n -> Ok n

/// What another program reads of a file that is locked against us.
let private readByOther (path: string) : string =
    match Process.Start(ProcessStartInfo("cat", path, RedirectStandardOutput = true)) with
    | null -> failtest "cat does not start"
    | cat ->
        use cat = cat
        cat.StandardOutput.ReadToEnd()

let private next (nonces: Nonces) =
    let mutable nonce = 0UL
    let mutable trouble = ""

    if nonces.TryNext(&nonce, &trouble) then
        Ok nonce
    else
        Error trouble

let private must (result: Result<'T, string>) =
    match result with
    | Ok value -> value
    | Error why -> failtest why

let private nonceTests =
    testList
        "nonces"
        [
            testCase "a million from sixteen threads: each once" (fun () ->
                inFolder (fun folder ->
                    use nonces = must (opened folder TimeProvider.System)
                    let all = ConcurrentBag<uint64[]>()

                    let threads =
                        [
                            for _ in 1..16 ->
                                Thread(fun () -> all.Add(Array.init 62_500 (fun _ -> must (next nonces))))
                        ]

                    threads |> List.iter (fun t -> t.Start())
                    threads |> List.iter (fun t -> t.Join())
                    let seen = all |> Seq.concat |> Seq.toArray
                    Expect.equal (Seq.length (Seq.distinct seen)) 1_000_000 "no two alike"

                    for own in all do
                        Expect.isTrue (Array.pairwise own |> Array.forall (fun (a, b) -> a < b)) "rising in each"))
            testCase "whenever the process dies, the file is above what was given out" (fun () ->
                inFolder (fun folder ->
                    let clock = Hands()
                    let path = Path.Combine(folder, $"nonces-{account}")
                    let mutable highest = 0UL

                    for life in 1..5 do
                        use nonces = must (opened folder clock)

                        for i in 1..2_500 do
                            let n = must (next nonces)
                            Expect.isGreaterThan n highest $"life {life}, {i}"
                            highest <- n

                            if i % 250 = 0 then
                                let mark = UInt64.Parse(readByOther path)
                                Expect.isGreaterThan mark n "flushed before its use"))
            testCase "a clock set back does not repeat one, a mark too far ahead is refused" (fun () ->
                inFolder (fun folder ->
                    let clock = Hands()
                    let start = clock.Now
                    let first = (use nonces = must (opened folder clock) in must (next nonces))
                    clock.Now <- start.AddHours -5.0
                    let second = (use nonces = must (opened folder clock) in must (next nonces))
                    Expect.isGreaterThan second first "above"
                    clock.Now <- start.AddHours -25.0
                    let refused = opened folder clock

                    Expect.stringContains
                        (match refused with
                         | Error e -> e
                         | Ok _ -> "")
                        "clock"
                        "beyond the window"))
            testCase "a second holder and a spoilt file are sentences" (fun () ->
                inFolder (fun folder ->
                    let clock = Hands()

                    (use nonces = must (opened folder clock)
                     Expect.isError (opened folder clock) "held"
                     next nonces |> ignore)

                    File.WriteAllText(Path.Combine(folder, $"nonces-{account}"), "nonsense")
                    Expect.isError (opened folder clock) "no mark"))
        ]

let tests =
    testSequenced (testList "keys" [ signingTests; sourceTests; nonceTests ])
