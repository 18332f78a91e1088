namespace Vrlg.Core

open System
open System.Numerics
open System.Text

/// Why a text is no exact number of 1e-8.
[<RequireQualifiedAccess>]
type ExactProblem =
    | Empty
    | NotANumber of at: int
    | TooPrecise
    | TooLarge

/// Decimal text to and from 64-bit counts of 1e-8, and the venue's wire numbers. Never through a float.
[<RequireQualifiedAccess>]
module Exact =
    let private ten18 = Int128.op_Implicit 1_000_000_000_000_000_000L

    let sentence (problem: ExactProblem) =
        match problem with
        | ExactProblem.Empty -> "is empty, a number is needed"
        | ExactProblem.NotANumber at -> $"is not a number (character {at + 1})"
        | ExactProblem.TooPrecise -> "has more than 8 decimals, the finest step is 0.00000001"
        | ExactProblem.TooLarge -> "is beyond 92,233,720,368"

    let private isDigit (b: byte) = b >= '0'B && b <= '9'B

    let private scaled (mantissa: Int128) (power: int) : Result<int64, ExactProblem> =
        let mutable value = mantissa
        let mutable left = power
        let mutable problem = ValueNone

        while left > 0 && problem.IsNone do
            value <- value * Int128.op_Implicit 10
            left <- left - 1

            if Int128.op_GreaterThan (value, Int128.op_Implicit Int64.MaxValue) then
                problem <- ValueSome ExactProblem.TooLarge

        while left < 0 && problem.IsNone && Int128.op_Inequality (value, Int128.Zero) do
            let struct (q, r) = Int128.DivRem(value, Int128.op_Implicit 10)

            if Int128.op_Inequality (r, Int128.Zero) then
                problem <- ValueSome ExactProblem.TooPrecise

            value <- q
            left <- left + 1

        match problem with
        | ValueSome p -> Error p
        | ValueNone ->
            if Int128.op_GreaterThan (value, Int128.op_Implicit Int64.MaxValue) then
                Error ExactProblem.TooLarge
            else
                Ok(Int128.op_Explicit value: int64)

    /// The exponent after an `e`, capped at 999, and whether it is well formed.
    let private exponent (text: ReadOnlySpan<byte>) (from: int) : struct (int * bool) =
        let mutable i = from
        let negative = i < text.Length && text[i] = '-'B

        if i < text.Length && (text[i] = '-'B || text[i] = '+'B) then
            i <- i + 1

        let first = i
        let mutable e = 0

        while i < text.Length && isDigit text[i] do
            e <- min 999 (e * 10 + int (text[i] - '0'B))
            i <- i + 1

        struct ((if negative then -e else e), i > first && i = text.Length)

    /// UTF-8 decimal text, exponent form allowed, to a count of 1e-8. Exact or an answer why not.
    let parseBytes (text: ReadOnlySpan<byte>) : Result<int64, ExactProblem> =
        if text.IsEmpty then
            Error ExactProblem.Empty
        else
            let negative = text[0] = '-'B
            let mutable i = if negative || text[0] = '+'B then 1 else 0
            let mutable mantissa = Int128.Zero
            let mutable digits = 0
            let mutable decimals = 0
            let mutable zeros = 0
            let mutable inFraction = false
            let mutable more = true
            let mutable tooLong = false

            while more && i < text.Length do
                let b = text[i]

                if isDigit b then
                    digits <- digits + 1

                    // Zeros at the end of a fraction carry nothing: they are kept back until a digit follows.
                    if inFraction && b = '0'B then
                        zeros <- zeros + 1
                    else
                        let shift = if inFraction then zeros + 1 else 1

                        for _ in 1..shift do
                            tooLong <- tooLong || Int128.op_GreaterThan (mantissa, ten18 * ten18)
                            mantissa <- mantissa * Int128.op_Implicit 10

                        mantissa <- mantissa + Int128.op_Implicit (int (b - '0'B))
                        decimals <- if inFraction then decimals + shift else decimals
                        zeros <- 0

                    i <- i + 1
                elif b = '.'B && not inFraction then
                    inFraction <- true
                    i <- i + 1
                else
                    more <- false

            let struct (e, isWhole) =
                if i = text.Length then
                    struct (0, true)
                elif text[i] = 'e'B || text[i] = 'E'B then
                    exponent text (i + 1)
                else
                    struct (0, false)

            if digits = 0 || not isWhole then
                Error(ExactProblem.NotANumber i)
            elif tooLong then
                Error ExactProblem.TooPrecise
            else
                match scaled mantissa (8 - decimals + e) with
                | Ok raw -> Ok(if negative then -raw else raw)
                | Error p -> Error p

    /// Decimal text to a count of 1e-8.
    let parse (text: string) : Result<int64, ExactProblem> =
        parseBytes (ReadOnlySpan(Encoding.UTF8.GetBytes text))

    /// A count of 1e-8 as plain decimal text, no exponent, no trailing zeros.
    let show (raw: int64) : string =
        (decimal raw / 100_000_000m).ToString("0.########", Globalization.CultureInfo.InvariantCulture)

    // ---- wire numbers: decimal text of any length ----

    /// Digits before the point without leading zeros ("0" if none) and after it without trailing zeros; nothing when the text
    /// is no plain decimal above or at zero.
    let private split (text: string) : struct (string * string) voption =
        let point = text.IndexOf '.'
        let whole = if point < 0 then text else text.Substring(0, point)
        let part = if point < 0 then "" else text.Substring(point + 1)
        let digits (s: string) = Seq.forall Char.IsAsciiDigit s

        if whole.Length + part.Length = 0 || not (digits whole) || not (digits part) then
            ValueNone
        else
            let trimmed = whole.TrimStart '0'
            ValueSome(struct ((if trimmed = "" then "0" else trimmed), part.TrimEnd '0'))

    let private join (whole: string) (part: string) =
        let tail = part.TrimEnd '0'
        if tail = "" then whole else whole + "." + tail

    let private isZero (text: string) =
        Seq.forall (fun c -> c = '0' || c = '.') text

    let private notPlain = "refused: the text is not a plain decimal number"

    let private priceDecimals (isSpot: bool) (szDecimals: int) =
        max 0 ((if isSpot then 8 else 6) - szDecimals)

    /// The five leading figures of a number whose fraction is not empty; the rest is cut, left of the point too.
    let private fiveFigures (whole: string) (part: string) : string =
        if whole = "0" then
            let lead = part.Length - part.TrimStart('0').Length
            join "0" (part.Substring(0, min part.Length (lead + 5)))
        elif whole.Length >= 5 then
            whole.Substring(0, 5) + String('0', whole.Length - 5)
        else
            join whole (part.Substring(0, min part.Length (5 - whole.Length)))

    /// A price as the venue's client writes it: integers untouched, else cut toward zero to the decimal budget and to five
    /// significant figures (123456.7 gives 123450). Zero is refused. A formatter, not a rounding rule for orders.
    let formatPrice (isSpot: bool) (szDecimals: int) (text: string) : Result<string, string> =
        match split text with
        | ValueNone -> Error notPlain
        | ValueSome(struct (whole, part)) ->
            let cut = part.Substring(0, min part.Length (priceDecimals isSpot szDecimals))
            let wire = if part = "" then whole else fiveFigures whole cut

            if isZero wire then
                Error "refused: the price is too small and was cut to 0"
            else
                Ok wire

    /// A size cut toward zero to its decimals. Zero is refused.
    let formatSize (szDecimals: int) (text: string) : Result<string, string> =
        match split text with
        | ValueNone -> Error notPlain
        | ValueSome(struct (whole, part)) ->
            let wire = join whole (part.Substring(0, min part.Length (max 0 szDecimals)))

            if isZero wire then
                Error "refused: the size is too small and was cut to 0"
            else
                Ok wire

    /// A number with at most eight decimals, no trailing zeros; refused when that changes it by 1e-12 or more.
    let formatWire (text: string) : Result<string, string> =
        match split text with
        | ValueNone -> Error notPlain
        | ValueSome(struct (whole, part)) ->
            let padded = part.PadRight(12, '0')

            let kept =
                BigInteger.Parse(whole + padded.Substring(0, 8), Globalization.CultureInfo.InvariantCulture)

            let rounded =
                match padded.Substring(8, 4) with
                | "0000" -> ValueSome kept
                | "9999" when padded.Length > 12 -> ValueSome(kept + BigInteger.One)
                | _ -> ValueNone

            match rounded with
            | ValueNone -> Error "refused: the number has more than 8 decimals"
            | ValueSome n ->
                let digits = n.ToString(Globalization.CultureInfo.InvariantCulture).PadLeft(9, '0')
                Ok(join (digits.Substring(0, digits.Length - 8)) (digits.Substring(digits.Length - 8)))

    /// The venue's own rule: an integer, or at most five significant figures and the decimal budget. Trailing zeros do not count.
    let isValidPrice (isSpot: bool) (szDecimals: int) (text: string) : bool =
        match split text with
        | ValueNone -> false
        | ValueSome(struct (_, "")) -> true
        | ValueSome(struct (whole, part)) ->
            let figures =
                if whole = "0" then
                    part.TrimStart('0').Length
                else
                    whole.Length + part.Length

            figures <= 5 && part.Length <= priceDecimals isSpot szDecimals

    /// At most `szDecimals` decimals.
    let isValidSize (szDecimals: int) (text: string) : bool =
        match split text with
        | ValueNone -> false
        | ValueSome(struct (_, part)) -> part.Length <= szDecimals
