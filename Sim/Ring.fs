namespace Vrlg.Sim

/// A queue of structs over one growing ring: first in, first out, nothing allocated once it has grown.
[<Sealed>]
type internal Ring<'T>() =
    let mutable items: 'T[] = Array.zeroCreate 64
    let mutable head = 0
    let mutable count = 0

    member _.Count = count
    member _.Head: byref<'T> = &items[head]

    member _.Enqueue(item: inref<'T>) =
        if count = items.Length then
            let wider = Array.zeroCreate (2 * items.Length)

            for i in 0 .. count - 1 do
                wider[i] <- items[(head + i) &&& (items.Length - 1)]

            items <- wider
            head <- 0

        items[(head + count) &&& (items.Length - 1)] <- item
        count <- count + 1

    member _.Dequeue() =
        items[head] <- Unchecked.defaultof<'T>
        head <- (head + 1) &&& (items.Length - 1)
        count <- count - 1
