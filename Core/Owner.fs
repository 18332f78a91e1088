namespace Vrlg.Core

/// The right to change nodes in place, held by one linear run of a state.
///
/// Every node of a state remembers its maker. A node stepped by the owner that made it returns itself, changed; stepped by
/// anyone else, or by a released owner, it returns a copy. One code path serves both, and nobody who was given a shared
/// state ever sees it change: sharing releases the token (`Engine.share`).
[<Sealed; AllowNullLiteral>]
type Owner() =
    let mutable alive = true

    /// False once the state made under this token was shared: nothing made under it may change any more.
    member _.IsAlive = alive

    /// Ends the right. There is no way back; a further run takes a new token.
    member _.Release() = alive <- false

[<RequireQualifiedAccess>]
module Owner =
    /// The token if it may still be used, else null: called once a step, so that nodes need compare references only.
    let live (by: Owner) : Owner =
        if isNull by || not by.IsAlive then null else by
