/// What only a process of its own shows: nonces over kill -9, what a loaded key leaves in environment and children, core dumps.
/// This program is its own child: `--as-child`.
module Vrlg.Wire.KeyProcesses

open System
open System.Diagnostics
open System.IO
open System.Text
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Wire.Keys
open Vrlg.Wire.KeySources

/// Where this program lies.
type private Mark = class end

let private variable = "VRLG_CHILD_KEY"
let private secretText = Convert.ToHexStringLower secret

/// Takes nonces and says each before it takes the next, until it is killed.
let private take (folder: string) : int =
    let mutable trouble = ""

    match Nonces.Open(folder, account, TimeProvider.System, &trouble) with
    | null ->
        Console.Error.WriteLine trouble
        1
    | nonces ->
        use out = new StreamWriter(Console.OpenStandardOutput(), AutoFlush = true)
        let mutable nonce = 0UL

        while nonces.TryNext(&nonce, &trouble) do
            out.WriteLine nonce

        1

let private readOr (otherwise: string) (path: string) : string =
    try
        Encoding.Latin1.GetString(File.ReadAllBytes path)
    with
    | :? UnauthorizedAccessException
    | :? IOException -> otherwise

let private run (program: string) (arguments: string list) (variables: (string * string) list) : Process =
    let info =
        ProcessStartInfo(program, arguments, RedirectStandardOutput = true, RedirectStandardError = true)

    for name, value in variables do
        info.Environment[name] <- value

    match Process.Start info with
    | null -> failtest $"{program} does not start"
    | child -> child

/// Loads the key of the environment, then prints what is left: own environment, the kernel's copy, a child's, the limits.
let private show (isRefused: bool) : int =
    let mutable trouble = ""
    let policy = policyOf isRefused None

    let loaded =
        KeyFiles.Load(
            $"env:{variable}",
            policy,
            SignerChoice.Native,
            false,
            (fun _ -> null),
            TimeProvider.System,
            (fun () -> if isRefused then null else ManagedCurve()),
            &trouble
        )

    Console.Out.WriteLine $"loaded {not (isNull loaded)} {trouble}"
    Console.Out.WriteLine $"own {Environment.GetEnvironmentVariable variable}"
    Console.Out.WriteLine("kernel " + (readOr "closed" "/proc/self/environ").Replace('\000', ' '))
    use child = run "env" [] []
    let inherited = child.StandardOutput.ReadToEnd().Replace('\n', ' ')
    Console.Out.WriteLine $"child {inherited}"

    for line in (readOr "Max core file size 0 0 closed" "/proc/self/limits").Split '\n' do
        if line.StartsWith "Max core" then
            Console.Out.WriteLine line

    0

/// Takes a passphrase out of the environment, then prints what is left of it.
let private showPassphrase () : int =
    Console.Out.WriteLine $"taken {KeyFiles.TakePassphrase variable}"
    Console.Out.WriteLine $"own {Environment.GetEnvironmentVariable variable}"
    Console.Out.WriteLine("kernel " + (readOr "closed" "/proc/self/environ").Replace('\000', ' '))
    0

let private asChild (what: string list) : int =
    match what with
    | [ "take"; folder ] -> take folder
    | [ "show" ] -> show false
    | [ "passphrase" ] -> showPassphrase ()
    | [ "refused" ] -> show true
    | _ -> 2

/// Does what a child is asked and ends the process, where this one is a child.
let endIfChild (args: string[]) =
    match Array.toList args with
    | "--as-child" :: what -> exit (asChild what)
    | _ -> ()

let private child (what: string list) (variables: (string * string) list) : Process =
    let program =
        Environment.ProcessPath |> Option.ofObj |> Option.defaultValue "dotnet"

    let self = typeof<Mark>.Assembly.Location

    let arguments =
        if Path.GetFileNameWithoutExtension program = "dotnet" then
            self :: "--as-child" :: what
        else
            "--as-child" :: what

    run program arguments variables

/// Reads `count` nonces of a child, kills it, and reads what it had still said; the last one.
let private killedAfter (count: int) (folder: string) : uint64 * uint64 =
    use child = child [ "take"; folder ] []
    let next () = child.StandardOutput.ReadLine()

    let first =
        match next () with
        | null -> failtest (child.StandardError.ReadToEnd())
        | line -> UInt64.Parse line

    let mutable last = first

    for _ in 2..count do
        match next () with
        | null -> failtest "it ended by itself"
        | line -> last <- UInt64.Parse line

    // SIGKILL: nothing in it runs any more.
    child.Kill()
    child.WaitForExit()
    let rest = child.StandardOutput.ReadToEnd().Split('\n')

    // The last line may be cut in the middle.
    for line in rest[.. rest.Length - 2] do
        last <- max last (UInt64.Parse line)

    first, last

let private shown (what: string) : string list =
    use child = child [ what ] [ variable, secretText ]
    let text = child.StandardOutput.ReadToEnd()
    let trouble = child.StandardError.ReadToEnd()
    child.WaitForExit()
    Expect.equal child.ExitCode 0 trouble
    Array.toList (text.Split '\n')

let private line (head: string) (lines: string list) =
    lines
    |> List.tryFind (fun l -> l.StartsWith(head + " "))
    |> Option.defaultWith (fun () -> failtest $"no line {head}")

let private processTests =
    testList
        "in a process of their own"
        [
            testCase "over kill -9 nonces go on above the last that was used" (fun () ->
                inFolder (fun folder ->
                    let mutable highest = 0UL

                    for count in [ 1; 700; 1_000; 1_001; 2_500 ] do
                        let first, last = killedAfter count folder
                        Expect.isGreaterThan first highest $"after {count}"
                        highest <- last))
            testCase "a key of the environment is nowhere in it afterwards, and no child has it" (fun () ->
                let lines = shown "show"
                Expect.equal (line "loaded" lines) "loaded True " "it was taken"
                Expect.equal (line "own" lines) "own " "our own environment"

                for part in [ "kernel"; "child" ] do
                    Expect.isFalse ((line part lines).Contains(secretText.Substring 8)) $"the {part}'s"

                Expect.isTrue ((line "child" lines).Contains "PATH=") "the rest is inherited"

                Expect.equal
                    ((line "Max" lines).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..5])
                    [| "0"; "0" |]
                    "no core is dumped")
            testCase "nor is a keystore's passphrase" (fun () ->
                let lines = shown "passphrase"
                Expect.equal (line "taken" lines) $"taken {secretText}" "it was taken"
                Expect.equal (line "own" lines) "own " "our own environment"
                Expect.stringContains (line "kernel" lines) "PATH=" "the kernel's copy can be read"
                Expect.isFalse ((line "kernel" lines).Contains(secretText.Substring 8)) "and it is not there")
            testCase "it is gone too where mainnet is refused for the library that is missing" (fun () ->
                let lines = shown "refused"
                let said = line "loaded" lines
                Expect.stringStarts said "loaded False libsecp256k1 is not installed" "refused"
                Expect.stringContains said "apt-get install libsecp256k1-1" "with what helps"
                Expect.equal (line "own" lines) "own " "and the key is gone"
                Expect.isFalse ((line "kernel" lines).Contains(secretText.Substring 8)) "everywhere")
            testCase "which library signs is said where it is not the usual one" (fun () ->
                let load (isMainnet: bool) (choice: SignerChoice) (isThere: bool) =
                    Environment.SetEnvironmentVariable(variable, secretText)
                    let mutable trouble = ""

                    let native () : Curve | null =
                        if isThere then ManagedCurve() else null

                    match
                        KeyFiles.Load(
                            $"env:{variable}",
                            policyOf isMainnet None,
                            choice,
                            false,
                            (fun _ -> null),
                            TimeProvider.System,
                            native,
                            &trouble
                        )
                    with
                    | null -> "refused: " + trouble
                    | loaded ->
                        use _ = loaded.Key
                        loaded.Notice |> Option.ofObj |> Option.defaultValue "nothing"

                Expect.equal (load true SignerChoice.Native true) "nothing" "the library is there"
                Expect.stringContains (load false SignerChoice.Native false) "libsecp256k1 is not installed" "testnet"
                Expect.stringContains (load false SignerChoice.Native false) "apt-get install" "and what helps"
                Expect.stringContains (load true SignerChoice.Managed false) "--signer managed" "asked for"
                Expect.stringStarts (load true SignerChoice.Native false) "refused: libsecp256k1" "mainnet")
            testCase "the names in a folder are put on the disk" (fun () ->
                inFolder (fun folder ->
                    Expect.isTrue (UnixFiles.FlushFolder folder) "a folder"
                    Expect.isFalse (UnixFiles.FlushFolder(Path.Combine(folder, "none"))) "none"))
        ]

let tests = testSequenced (testList "keys" [ processTests ])
