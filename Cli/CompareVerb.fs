/// `vrlg compare`: two runs side by side: settings, figures, where their decisions part, fills in pairs.
module Vrlg.Cli.CompareVerb

open System
open System.Collections.Generic
open System.IO
open System.Text.Json
open Argu
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Shell.Report
open Vrlg.Sim

/// What is compared of one run folder.
[<NoComparison; NoEquality>]
type private Run =
    {
        Folder: string
        IsComplete: bool
        Settings: (string * string) list
        Figures: (string * string) list
        /// One line an order, in sending order: what was decided, without what became of it.
        Orders: string[]
        Fills: ComparedFill[]
    }

let private file (folder: string) (name: string) =
    let path = Path.Combine(folder, name)

    if not (Directory.Exists folder) then
        refuse
            $"{folder}: there is no such run folder. vrlg backtest and vrlg demo write one; its path is their last line."
    elif not (File.Exists path) then
        refuse $"{folder}: {name} is missing, so this is no finished run folder. Run it again."
    else
        path

let rec private flat (path: string) (node: Node) : (string * string) list =
    match node.Value with
    | Value.Table entries ->
        [
            for e in entries do
                yield! flat (if path = "" then e.Key else path + "." + e.Key) e.Node
        ]
    | Value.Text t
    | Value.Whole t
    | Value.Number t
    | Value.Moment(_, t) -> [ path, t ]
    | Value.Flag b -> [ path, (if b then "true" else "false") ]
    | Value.Nothing -> [ path, "" ]
    | Value.Many items ->
        [
            path, String.Join(", ", items |> Seq.collect (fun i -> flat "" i |> Seq.map snd))
        ]

let private settings folder =
    let path = file folder "config.effective.toml"

    match Toml.parse (File.ReadAllBytes path) with
    | Ok node -> flat "" node
    | Error problems -> raise (Refusal(problems |> Seq.map (Problem.text path) |> Seq.toList))

/// Numbers and words of an object, nested ones by their path.
let rec private leaves (path: string) (e: JsonElement) : (string * string) list =
    match e.ValueKind with
    | JsonValueKind.Object ->
        [
            for p in e.EnumerateObject() do
                yield! leaves (if path = "" then p.Name else path + "." + p.Name) p.Value
        ]
    | JsonValueKind.Array ->
        [
            for i, item in Seq.indexed (e.EnumerateArray()) do
                yield! leaves $"{path}[{i}]" item
        ]
    | JsonValueKind.Null -> [ path, "-" ]
    | _ -> [ path, e.ToString() ]

let private figures folder =
    let path = file folder "summary.json"

    try
        use document = JsonDocument.Parse(File.ReadAllBytes path)
        leaves "" document.RootElement
    with :? JsonException ->
        refuse $"{path}: this is not the summary of a run: it is no JSON. Run it again."

let private exact (path: string) (text: string) =
    match Exact.parse text with
    | Ok n -> n
    | Error problem -> refuse $"{path}: \"{text}\": {Exact.sentence problem}."

/// The rows of a table, each by what `take` makes of it.
let private rows (folder: string) (name: string) (needed: string list) (take: Columns -> 'a) : 'a[] =
    file folder name |> ignore<string>
    let table = Columns(folder, name, List.toArray needed)

    [|
        while table.Next() do
            take table
    |]

let private orders folder =
    let decided =
        [ "sent_ns"; "slot"; "side"; "px"; "sz"; "tif"; "reduce_only"; "reason" ]

    rows folder "orders.csv" decided (fun row -> String.Join(" ", decided |> List.map row.Text))

let private fills folder =
    let path = Path.Combine(folder, "fills.csv")

    rows folder "fills.csv" [ "time_ns"; "side"; "px"; "sz" ] (fun row ->
        {
            At = row.Nanoseconds "time_ns"
            Side = (if row.Text "side" = "buy" then Side.Buy else Side.Sell)
            Px = exact path (row.Text "px")
            Sz = exact path (row.Text "sz")
        })

let private read (folder: string) : Run =
    {
        Folder = folder
        IsComplete = (RunFolder.Open folder).IsComplete
        Settings = settings folder
        Figures = figures folder
        Orders = orders folder
        Fills = fills folder
    }

/// Keys of either list, in their order, with both values; an empty text where one lacks the key.
let private beside (a: (string * string) list) (b: (string * string) list) =
    let first, second = dict a, dict b

    let value (d: IDictionary<string, string>) key =
        match d.TryGetValue key with
        | true, v -> v
        | _ -> ""

    [
        for key in List.distinct (List.map fst a @ List.map fst b) -> key, value first key, value second key
    ]

let private differing rows =
    rows |> List.filter (fun (_, a, b) -> a <> b)

/// What two runs' pairs say of price and time.
[<NoComparison; NoEquality>]
type private Paired =
    {
        Pairs: FillPairs
        /// Mean of second less first, in basis points of the price; signed so that above 0 the second paid more.
        CostBps: float voption
        /// Mean of second less first, milliseconds.
        LaterMs: float voption
        SameSize: int
    }

let private pair (a: Run) (b: Run) : Paired =
    let pairs = Pairing.fills (Duration.OfMs 1_000L) a.Fills b.Fills

    let mean (value: ComparedFill -> ComparedFill -> float) =
        if pairs.Pairs.IsEmpty then
            ValueNone
        else
            ValueSome(pairs.Pairs |> Seq.averageBy (fun struct (i, j) -> value a.Fills[i] b.Fills[j]))

    {
        Pairs = pairs
        CostBps =
            mean (fun f g ->
                let sign = if f.Side = Side.Buy then 1.0 else -1.0
                1e4 * sign * float (g.Px - f.Px) / float f.Px)
        LaterMs = mean (fun f g -> float (g.At - f.At) / 1e6)
        SameSize =
            pairs.Pairs
            |> Seq.filter (fun struct (i, j) -> a.Fills[i].Sz = b.Fills[j].Sz)
            |> Seq.length
    }

let private decision (run: Run) (i: int) =
    if i < run.Orders.Length then
        run.Orders[i]
    else
        "no further order"

let private two (title: string) (rows: (string * string * string) list) =
    let width = readable ()
    let columns = [ "", Left; "1", Left; "2", Left ]

    // Sentences go below the table: one of them would make lists of all its rows.
    let isShort (key: string, a: string, b: string) =
        key.Length <= width / 2 && a.Length <= width / 5 && b.Length <= width / 5

    let short, long = rows |> List.partition isShort

    if not rows.IsEmpty then
        Console.Out.WriteLine(fold width 0 title)

        for part in [ short; long ] do
            if not part.IsEmpty then
                for line in tableLines width columns [ for key, a, b in part -> [ key; a; b ] ] do
                    Console.Out.WriteLine line

        Console.Out.WriteLine()

let private lines (indent: int) (text: string) =
    Console.Out.WriteLine(fold (readable ()) indent text)

let private show (a: Run) (b: Run) (paired: Paired) =
    for number, run in [ 1, a; 2, b ] do
        let mark =
            if run.IsComplete then
                ""
            else
                " (INCOMPLETE: it did not come to its end, its figures cover a part only)"

        lines 3 $"{number}: {run.Folder}{mark}"

    Console.Out.WriteLine()
    let settings = differing (beside a.Settings b.Settings)

    if settings.IsEmpty then
        lines 0 "The settings are the same."
        Console.Out.WriteLine()
    else
        two "settings that differ" settings

    two "figures that differ" (differing (beside a.Figures b.Figures))

    match Pairing.firstDifference a.Orders b.Orders with
    | -1 -> lines 0 $"The decisions are the same: {a.Orders.Length} orders."
    | i ->
        lines 0 $"The decisions part at order {i + 1}:"
        lines 5 $"  1: {decision a i}"
        lines 5 $"  2: {decision b i}"

    Console.Out.WriteLine()

    pairs
        "fills in pairs (same side, within 1 s)"
        [
            "pairs", string paired.Pairs.Pairs.Length
            "of the same size", string paired.SameSize
            "only in 1", string paired.Pairs.OnlyFirst.Length
            "only in 2", string paired.Pairs.OnlySecond.Length
            "2 paid more by", withUnit 3 "bps" paired.CostBps
            "2 came later by", withUnit 1 "ms" paired.LaterMs
        ]

let private writeRows (w: Utf8JsonWriter) (name: string) rows =
    w.WriteStartArray name

    for key: string, a: string, b: string in rows do
        w.WriteStartObject()
        w.WriteString("key", key)
        w.WriteString("first", a)
        w.WriteString("second", b)
        w.WriteEndObject()

    w.WriteEndArray()

let private json (a: Run) (b: Run) (paired: Paired) =
    JsonOut.print (fun w ->
        let optional (name: string) (v: float voption) =
            JsonOut.number w name (v |> ValueOption.map (fun x -> Math.Round(x, 9)))

        w.WriteStartObject()
        w.WriteString("first", a.Folder)
        w.WriteString("second", b.Folder)
        w.WriteBoolean("first_complete", a.IsComplete)
        w.WriteBoolean("second_complete", b.IsComplete)
        writeRows w "settings" (differing (beside a.Settings b.Settings))
        writeRows w "figures" (differing (beside a.Figures b.Figures))

        match Pairing.firstDifference a.Orders b.Orders with
        | -1 -> w.WriteNull "first_difference"
        | i ->
            w.WriteStartObject "first_difference"
            w.WriteNumber("order", i + 1)
            w.WriteString("first", decision a i)
            w.WriteString("second", decision b i)
            w.WriteEndObject()

        w.WriteNumber("pairs", paired.Pairs.Pairs.Length)
        w.WriteNumber("pairs_of_same_size", paired.SameSize)
        w.WriteNumber("only_first", paired.Pairs.OnlyFirst.Length)
        w.WriteNumber("only_second", paired.Pairs.OnlySecond.Length)
        optional "second_paid_more_bps" paired.CostBps
        optional "second_later_ms" paired.LaterMs
        w.WriteEndObject())

let run (r: ParseResults<CompareArgs>) : int =
    match r.GetResult CompareArgs.Runs with
    | [ first; second ] ->
        let a, b = read first, read second
        let paired = pair a b

        if r.Contains CompareArgs.Json then
            json a b paired
        else
            show a b paired

        Exit.done'
    | several ->
        Console.Error.WriteLine
            $"vrlg: compare takes two run folders, not {several.Length}. USAGE: vrlg compare RUN1 RUN2 [--json]"

        Exit.usage
