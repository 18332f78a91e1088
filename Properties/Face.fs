/// The face that the core shows to C#: nothing of F# alone stands in the way.
module Vrlg.Properties.Face

open System
open System.Reflection
open System.Text.Json
open Expecto
open Vrlg.Core

/// What a C# strategy, desk or shell touches.
let private face =
    [
        typeof<Px>
        typeof<Sz>
        typeof<Usd>
        typeof<Duration>
        typeof<Instant>
        typeof<InstrumentId>
        typeof<AccountId>
        typeof<Cloid>
        typeof<Slot>
        typeof<NewOrder>
        typeof<Intent>
        typeof<QuoteTerms>
        typeof<Remark>
        typeof<Event>
        typeof<Stamped>
        typeof<Depth>
        typeof<Touch>
        typeof<Feature>
        typeof<SlotView>
        typeof<IStrategy>
        typeof<IGauged>
        typeof<Strategy>
        typeof<Desk>
        typeof<Config>
        typeof<Output>
        typeof<Command>
        typeof<Note>
        typeof<JournalHeader>
        typeof<ByteSink>
    ]

let private foreign =
    [
        "FSharpFunc`2"
        "FSharpList`1"
        "FSharpOption`1"
        "FSharpMap`2"
        "FSharpSet`1"
        "Unit"
    ]

let rec private mentions (t: Type) : bool =
    List.contains t.Name foreign
    || (t.IsGenericType && t.GetGenericArguments() |> Array.exists mentions)
    || (t.HasElementType
        && match t.GetElementType() with
           | null -> false
           | inner -> mentions inner)

let private signatures (t: Type) : (string * Type) list =
    let all =
        BindingFlags.Public
        ||| BindingFlags.Instance
        ||| BindingFlags.Static
        ||| BindingFlags.DeclaredOnly

    [
        for m in t.GetMethods all do
            if not (m.Name.StartsWith "__") then
                m.Name, m.ReturnType

                for p in m.GetParameters() do
                    m.Name, p.ParameterType
        for p in t.GetProperties all do
            p.Name, p.PropertyType
        for f in t.GetFields all do
            f.Name, f.FieldType
    ]

let private structs =
    [
        typeof<Px>
        typeof<Sz>
        typeof<Usd>
        typeof<Instant>
        typeof<Duration>
        typeof<Event>
        typeof<Stamped>
        typeof<Touch>
        typeof<Slot>
    ]

let tests =
    testList
        "the face to C#"
        [
            testCase "has no function, list, option or unit of F# in it" (fun () ->
                let found =
                    [
                        for t in face do
                            for name, used in signatures t do
                                if mentions used then
                                    $"{t.Name}.{name}: {used.Name}"
                    ]

                Expect.equal found [] "members that C# cannot use well")
            testCase "spells its members in PascalCase" (fun () ->
                let found =
                    [
                        for t in face do
                            for name, _ in signatures t do
                                let isOperator =
                                    name.StartsWith "op_" || name.StartsWith "get_" || name.StartsWith "set_"

                                if not isOperator && Char.IsLower name[0] && not (name.StartsWith "value__") then
                                    $"{t.Name}.{name}"
                    ]
                    |> List.distinct

                Expect.equal found [] "names")
            testCase "keeps quantities and events structs of a known size" (fun () ->
                for t in structs do
                    Expect.isTrue t.IsValueType t.Name

                Expect.equal sizeof<Px> 8 "a price"
                Expect.isLessThanOrEqual (System.Runtime.CompilerServices.Unsafe.SizeOf<Event>()) 72 "an event"

                Expect.isLessThanOrEqual
                    (System.Runtime.CompilerServices.Unsafe.SizeOf<Stamped>())
                    88
                    "a stamped event")
            testCase "cannot make an approved order or a fresh witness outside of the review" (fun () ->
                let makers (t: Type) =
                    t.GetConstructors(BindingFlags.Public ||| BindingFlags.Instance).Length
                    + (t.GetMethods(BindingFlags.Public ||| BindingFlags.Static)
                       |> Array.filter (fun m -> m.ReturnType = t && m.Name <> "op_Equality")
                       |> Array.length)

                Expect.equal (makers typeof<Risk.Approved>) 0 "approved"
                Expect.equal (makers typeof<Health.Fresh>) 0 "fresh")
        ]
