namespace Vrlg.Sim

open System
open System.Buffers
open System.Globalization
open System.Security.Cryptography
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open Vrlg.Core

/// A gate as JSON, sealed: `sha256` is that of the same text with an empty `sha256`.
[<RequireQualifiedAccess>]
module GateFile =
    [<Literal>]
    let Name = "gate.json"

    [<Literal>]
    let private Format = 1

    let private hashOf (text: string) =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes text))

    /// Six decimals; infinite values are null and told apart by a flag of their own.
    let private number (w: Utf8JsonWriter) (name: string) (value: float voption) =
        match value with
        | ValueSome v when Double.IsFinite v && abs v < 1e15 -> w.WriteNumber(name, Math.Round(decimal v, 6))
        | _ -> w.WriteNull name

    let private kpi (w: Utf8JsonWriter) (k: Kpi) =
        w.WriteStartObject()
        w.WriteString("name", k.Name)
        w.WriteString("unit", k.Unit)
        number w "value" k.Value

        w.WriteBoolean(
            "is_infinite",
            (match k.Value with
             | ValueSome v -> Double.IsInfinity v
             | ValueNone -> false)
        )

        number w "bound_10" k.Low
        number w "bound_90" k.High
        number w "least" k.Least
        number w "most" k.Most
        w.WriteBoolean("passed", k.Passed)
        w.WriteEndObject()

    let private write (w: Utf8JsonWriter) (g: Gate) (sha256: string) =
        w.WriteStartObject()
        w.WriteNumber("format", Format)
        w.WriteString("config_sha256", g.Subject.Config)
        w.WriteString("build", g.Subject.Build)
        w.WriteString("account", g.Subject.Account)
        w.WriteString("instrument", g.Subject.Instrument)
        w.WriteString("from", g.From.ToString())
        w.WriteString("to", g.To.ToString())
        w.WriteNumber("to_ns", let at = g.To in at.Ns)
        w.WriteNumber("runs", g.Runs)
        number w "hours" (ValueSome g.Hours)
        number w "min_hours" (ValueSome g.MinHours)
        w.WriteNumber("trades", g.Trades)
        w.WriteStartArray "kpis"

        for k in g.Kpis do
            kpi w k

        w.WriteEndArray()
        w.WriteBoolean("passed", g.Passed)
        w.WriteBoolean("valid_for_live", g.IsValidForLive)
        w.WriteStartArray "not_valid_because"

        for reason in g.Against do
            w.WriteStringValue reason

        w.WriteEndArray()
        w.WriteString("sha256", sha256)
        w.WriteEndObject()

    let private textWith (g: Gate) (sha256: string) : string =
        let bytes = ArrayBufferWriter<byte>()

        let options =
            JsonWriterOptions(Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

        use w = new Utf8JsonWriter(bytes, options)
        write w g sha256
        w.Flush()
        Encoding.UTF8.GetString bytes.WrittenSpan + "\n"

    let text (g: Gate) : string = textWith g (hashOf (textWith g ""))

    let private sealOf (text: string) (root: JsonElement) : GateSeal =
        let word (name: string) =
            string (root.GetProperty(name).GetString())

        let stated = word "sha256"

        {
            Subject =
                {
                    Config = word "config_sha256"
                    Build = word "build"
                    Account = word "account"
                    Instrument = word "instrument"
                }
            To = Instant.Of(root.GetProperty("to_ns").GetInt64())
            Passed = root.GetProperty("passed").GetBoolean()
            IsValidForLive = root.GetProperty("valid_for_live").GetBoolean()
            Stated = stated
            Found =
                if stated = "" then
                    hashOf text
                else
                    hashOf (text.Replace($"\"sha256\": \"{stated}\"", "\"sha256\": \"\""))
        }

    /// The seal of a text that `text` wrote, or a sentence about why it is none.
    let read (text: string) : Result<GateSeal, string> =
        try
            use document = JsonDocument.Parse text
            Ok(sealOf text document.RootElement)
        with
        | :? JsonException -> Error "it is not JSON"
        | :? InvalidOperationException
        | :? FormatException
        | :? Collections.Generic.KeyNotFoundException -> Error "it does not hold what a gate holds"
