namespace Vrlg.Sim

/// What is on its way, by the instant of its arrival; of equal instants what was sent first. One growing ring: nothing is
/// allocated once it has grown, and what comes in order costs one write.
[<Sealed>]
type Calendar<'T>() =
    let mutable items: 'T[] = Array.zeroCreate 64
    let mutable times: int64[] = Array.zeroCreate 64
    let mutable head = 0
    let mutable count = 0

    let widen () =
        let size = items.Length
        let wider = Array.zeroCreate (2 * size)
        let later = Array.zeroCreate (2 * size)

        for i in 0 .. count - 1 do
            wider[i] <- items[(head + i) &&& (size - 1)]
            later[i] <- times[(head + i) &&& (size - 1)]

        items <- wider
        times <- later
        head <- 0

    member _.Count = count
    member _.Head = &items[head]
    /// Arrival of the head.
    member _.HeadAt = times[head]

    member _.Enqueue(at: int64, item: 'T) =
        if count = items.Length then
            widen ()

        let mask = items.Length - 1
        let mutable place = count

        while place > 0 && times[(head + place - 1) &&& mask] > at do
            items[(head + place) &&& mask] <- items[(head + place - 1) &&& mask]
            times[(head + place) &&& mask] <- times[(head + place - 1) &&& mask]
            place <- place - 1

        items[(head + place) &&& mask] <- item
        times[(head + place) &&& mask] <- at
        count <- count + 1

    member _.Dequeue() =
        items[head] <- Unchecked.defaultof<'T>
        head <- (head + 1) &&& (items.Length - 1)
        count <- count - 1
