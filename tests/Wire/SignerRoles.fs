/// Whose key it is, as the venue says: what a run does with every answer.
module Vrlg.Wire.SignerRoles

open System
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Wire.Keys

let private signer =
    match managed.Load(ReadOnlySpan secret) with
    | null -> failwith "a key"
    | curve ->
        use curve = curve
        curve.Address

let private other =
    let mutable parsed = Address()
    Address.TryParse("0x" + String.replicate 40 "b", &parsed) |> ignore<bool>
    parsed

/// A venue that answers this about every signer; nothing where it is silent.
let private venue (said: string option) =
    { new IVenueRest with
        member _.AskAsync(kind, _, _, _) =
            Expect.equal kind "userRole" "nothing else is asked"

            match said with
            | Some text -> RestReply(RestOutcome.Answered, ReadOnlyMemory(Encoding.UTF8.GetBytes text), "")
            | None -> RestReply(RestOutcome.Unknown, ReadOnlyMemory.Empty, "no answer in time")
            |> Task.FromResult

        member _.ActAsync(_, _, _, _) = failtest "nothing is sent"
    }

let private asked (isMainnet: bool) (master: Address) (said: string option) =
    let limits = policyOf isMainnet None

    let policy =
        KeyPolicy(master, limits.Vault, isMainnet, limits.MostOrder, limits.MostMinute, limits.MostLeverage)

    use key =
        match managed.Load(ReadOnlySpan secret) with
        | null -> failtest "a key"
        | curve -> new TradingKey(curve, policy, TimeProvider.System)

    SignerRole.AskAsync(venue said, key, CancellationToken.None).GetAwaiter().GetResult()

let private agentOf (whose: Address) =
    Some $$$"""{"role":"agent","data":{"user":"{{{whose}}}"}}"""

let private user = Some """{"role":"user"}"""

let tests =
    testList
        "whose key it is"
        [
            testCase "an API wallet of the account may, the account itself on a test network alone" (fun () ->
                for isMainnet, master, said, may in
                    [
                        false, other, agentOf other, true
                        true, other, agentOf other, true
                        false, signer, user, true
                        false, Address(), user, true
                        true, signer, user, false
                        true, other, user, false
                        false, other, user, false
                        false, other, agentOf signer, false
                        false, Address(), agentOf other, false
                        false, other, Some """{"role":"vault"}""", false
                        false, signer, Some $$$"""{"role":"subAccount","data":{"master":"{{{other}}}"}}""", false
                        true, other, Some """{"role":"newRole"}""", false
                    ] do
                    let role = asked isMainnet master said
                    Expect.equal (isNull role.Stranger) may $"{isMainnet} {master} {said}: {role.Stranger}"
                    Expect.equal (isNull role.Refusal) may "and a run does the same")
            testCase "no answer, a strange one and an unknown signer refuse a run, on either network" (fun () ->
                for isMainnet in [ false; true ] do
                    for said, words, isSilent in
                        [
                            None, "does not say whose key", true
                            Some "[]", "does not say whose key", true
                            Some """{"role":"missing"}""", "is nobody at the venue", false
                        ] do
                        let role = asked isMainnet other said
                        Expect.isNull role.Stranger "nobody said that it is another's"
                        Expect.stringContains (string role.Refusal) words "a sentence"
                        Expect.equal role.IsSilent isSilent "silent")
        ]
