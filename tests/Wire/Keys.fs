/// Keys that trade: what they sign and what they refuse.
module Vrlg.Wire.Keys

open System
open System.Buffers
open System.Collections.Immutable
open System.IO
open System.Reflection
open System.Text
open System.Text.Json
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Core

let secret = Array.init 32 (fun i -> byte (i + 1))

let account =
    let mutable a = Address()
    Address.TryParse("0x14791697260e4c9a71f18484c9f997b308e59325", &a) |> ignore
    a

let usd (whole: int64) = Usd.Of(whole * 100_000_000L)

let policyOf (isMainnet: bool) (vault: Address option) : KeyPolicy =
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
type Hands() =
    inherit TimeProvider()
    member val Now = DateTimeOffset.FromUnixTimeMilliseconds 1_790_000_000_000L with get, set
    override h.GetUtcNow() = h.Now
    override _.TimestampFrequency = 1_000L
    override h.GetTimestamp() = h.Now.ToUnixTimeMilliseconds()

let private keyOf (curve: Curve) (policy: KeyPolicy) (clock: TimeProvider) =
    match curve.Load(ReadOnlySpan secret) with
    | null -> failtest "a key in range"
    | key -> new TradingKey(key, policy, clock)

let managed = ManagedCurve() :> Curve

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

let place (orders: OrderRequest list) : TradingAction =
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

/// Takes nothing.
type private Broken() =
    interface IBufferWriter<byte> with
        member _.Advance _ = ()
        member _.GetMemory _ = raise (IOException "full")

        member _.GetSpan _ : Span<byte> =
            if true then
                raise (IOException "full")

            Span<byte>()

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
            testCase "a fraction above a cap is above it" (fun () ->
                use key = keyOf managed (policyOf false None) TimeProvider.System

                let worth (px: int64) (sz: int64) =
                    OrderRequest(0, Side.Buy, Px.Of px, Sz.Of sz, Tif.Alo, false, Cloid.None, Px.Of 0L)

                Expect.isError
                    (sign key (place [ worth 10_000_000_000_001L 1_000_000L ]) 1UL None)
                    "1,000.0000000001 USD"

                for i in 2UL .. 4UL do
                    Expect.isOk (sign key (place [ order false 100_000L 1L ]) i None) "3,000 USD in all"

                Expect.isError (sign key (place [ worth 1L 1L ]) 5UL None) "the smallest order there is, too")
            testCase "what was signed counts though its request was never written whole" (fun () ->
                use key = keyOf managed (policyOf false None) TimeProvider.System

                let broken = Broken()

                for i in 1UL .. 3UL do
                    Expect.throwsT<IOException>
                        (fun () -> key.TrySign(place [ order false 100_000L 1L ], i, Nullable(), broken) |> ignore)
                        "no room"

                Expect.isError (sign key (place [ order false 1_000L 1L ]) 4UL None) "3,000 USD are signed")
            testCase "a sub-account's transfer begins and ends in it" (fun () ->
                let mutable master = Address()

                Address.TryParse("0x00000000000000000000000000000000000000aa", &master)
                |> ignore

                let policy = KeyPolicy(master, Nullable account, false, usd 1_000L, usd 3_000L, 20)

                Expect.equal policy.Account account "the money is the sub-account's"
                use key = keyOf managed policy TimeProvider.System
                let send = TradingAction.SendToSelf("", "spot", "USDC", Usd.Of 1L)

                match sign key send 1UL None with
                | Error why -> failtest why
                | Ok body ->
                    use json = JsonDocument.Parse(ReadOnlyMemory body)
                    let action = json.RootElement.GetProperty "action"

                    for name in [ "destination"; "fromSubAccount" ] do
                        Expect.equal (action.GetProperty(name).GetString()) (account.ToString()) name)
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
        ]

let tests = testSequenced (testList "keys" [ signingTests ])
