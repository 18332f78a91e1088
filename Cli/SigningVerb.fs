/// `vrlg inspect signing`: signing vectors computed again.
module Vrlg.Cli.SigningVerb

open System
open Argu
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Cli.Args
open Vrlg.Cli.Screen

let private json (tally: VectorTally) =
    JsonOut.print (fun w ->
        w.WriteStartObject()
        w.WriteNumber("total", tally.Total)
        w.WriteNumber("passed", tally.Total - tally.Failed.Count)
        w.WriteStartArray "failed"

        for f in tally.Failed do
            w.WriteStartObject()
            w.WriteNumber("index", f.Index)
            w.WriteString("name", f.Name)
            w.WriteString("expected", f.Expected)
            w.WriteString("got", f.Got)
            w.WriteEndObject()

        w.WriteEndArray()
        w.WriteString("curve", tally.Curve)
        w.WriteEndObject())

let private said (tally: VectorTally) =
    for f in tally.Failed do
        Console.Out.WriteLine $"vector {f.Index} {f.Name}"
        Console.Out.WriteLine $"  expected {f.Expected}"
        Console.Out.WriteLine $"  got      {f.Got}"

    Console.Out.WriteLine $"{tally.Total - tally.Failed.Count} of {tally.Total} vectors passed, signed by {tally.Curve}"

let run (r: ParseResults<InspectSigningArgs>) : int =
    let file = r.GetResult InspectSigningArgs.Vectors

    let isManaged =
        match r.TryGetResult InspectSigningArgs.Signer with
        | None
        | Some "native" -> false
        | Some "managed" -> true
        | Some other -> usage $"--signer {other} is not known; say native or managed."

    let mutable trouble = ""

    match SigningVectors.Check(ReadOnlyMemory(Load.bytes file), isManaged, &trouble) with
    | null -> refuse $"{file}: {trouble}; name a file of vectors such as signing-vectors.json."
    | tally ->
        if r.Contains InspectSigningArgs.Json then
            json tally
        elif tally.Total > 0 then
            said tally

        if tally.Total = 0 then
            refuse $"{file}: it holds no vectors; name a file of vectors such as signing-vectors.json."

        if tally.Failed.Count = 0 then Exit.done' else Exit.refused
