namespace Vrlg.Core

open System
open System.Threading

/// Where successive windows keep their values: one array, written from left to right, never over what was written.
[<Sealed; AllowNullLiteral>]
type private Slab<'T>(length: int) =
    [<DefaultValue>]
    val mutable Taken: int

    member val Items: 'T[] = Array.zeroCreate length with get

/// The last `Capacity` values pushed. Pushing yields a new window and leaves every older one as it was: successive windows
/// share one append-only slab, so a push costs one write and, once per `Capacity` pushes, one copy.
[<Sealed>]
type Window<'T> private (capacity: int, slab: Slab<'T>, last: int, length: int) =
    /// A window that keeps the last `capacity` values; at least one.
    static member Empty(capacity: int) : Window<'T> =
        let least = max 1 capacity
        Window<'T>(least, Slab<'T>(2 * least), 0, 0)

    member _.Capacity = capacity
    /// How many values it holds, at most `Capacity`.
    member _.Length = length
    member _.IsFull = length = capacity

    /// Oldest first.
    member _.AsSpan() : ReadOnlySpan<'T> =
        ReadOnlySpan(slab.Items, last - length, length)

    /// The value pushed `age` pushes before the latest; `age` 0 is the latest. Defined for 0 <= age < Length.
    member _.Back(age: int) : 'T = slab.Items[last - 1 - age]

    /// The window after one more value.
    member _.Push(value: 'T) : Window<'T> =
        let next = min capacity (length + 1)

        // Only the newest window of a slab may append to it; every other one takes a slab of its own.
        let isOurs =
            last < slab.Items.Length
            && Interlocked.CompareExchange(&slab.Taken, last + 1, last) = last

        if isOurs then
            slab.Items[last] <- value
            Window<'T>(capacity, slab, last + 1, next)
        else
            let fresh = Slab<'T>(2 * capacity)
            let kept = next - 1
            Array.Copy(slab.Items, last - kept, fresh.Items, 0, kept)
            fresh.Items[kept] <- value
            fresh.Taken <- next
            Window<'T>(capacity, fresh, next, next)
