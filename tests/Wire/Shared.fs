/// Finds the reference material that lies beside the repository. It is read in place; tests that need it skip without
/// it.
module Vrlg.Wire.Shared

open System
open System.IO
open Expecto

/// The folder that holds `Vrlg.sln`, found by walking up from the test program.
let root: string option =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> None
        | folder when File.Exists(Path.Combine(folder.FullName, "Vrlg.sln")) -> Some folder.FullName
        | folder -> up folder.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

let private folder: string option =
    match Environment.GetEnvironmentVariable "VRLG_SHARED", root with
    | null, Some root
    | "", Some root -> Some(Path.GetFullPath(Path.Combine(root, "..", "shared")))
    | null, None
    | "", None -> None
    | named, _ -> Option.ofObj named

/// The path of something under the shared folder, such as `data/toml-test`; the test that asks skips when it is not
/// there.
let find (relative: string) : string =
    let path = folder |> Option.map (fun f -> Path.Combine(f, relative))

    match path with
    | Some path when File.Exists path || Directory.Exists path -> path
    | _ -> skiptest $"the reference material {relative} is not beside the repository; VRLG_SHARED names its folder"
