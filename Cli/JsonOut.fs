/// Answers as JSON: one way to write them for every verb.
module Vrlg.Cli.JsonOut

open System
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json

let private encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping

/// What is written, as text; indented or on one line, without a final line end.
let text (indented: bool) (write: Utf8JsonWriter -> unit) : string =
    use stream = new MemoryStream()

    (use w =
        new Utf8JsonWriter(stream, JsonWriterOptions(Indented = indented, NewLine = "\n", Encoder = encoder))

     write w)

    Encoding.UTF8.GetString(stream.ToArray())

/// Indented on standard output, with a final line end.
let print (write: Utf8JsonWriter -> unit) =
    Console.Out.Write(text true write + "\n")

/// A number as short as it can be read back exactly; null where it is not defined.
let number (w: Utf8JsonWriter) (name: string) (value: float voption) =
    match value with
    | ValueSome v when Double.IsFinite v -> w.WriteNumber(name, v)
    | _ -> w.WriteNull name
