/// The case tables of the simulator's specification, 16.1 to 16.4 and 16.6, each with its mirror.
module Vrlg.Stories.ExchangeCases

open Expecto
open Vrlg.Sim
open Vrlg.Stories.Given

let private a = "bid 100=10; ask 101=10"
let private joins = "1: new a buy 5@100 ALO; "
let private rests = "1: a rests 5@100 front=10; "

let private case name start events says fronts : Case =
    {
        Name = name
        Queue = QueueModel.RiskAverse
        Position = 0L
        Start = start
        Events = events
        Says = says
        Fronts = fronts
    }

let private from events says fronts name =
    case name a (joins + events) (rests + says) fronts

let private queued queue (c: Case) = { c with Queue = queue }
let private holding position (c: Case) = { c with Position = position }

let private twoLevels = "book2 bids 100x10 99x8 asks 101x10 102x9"

let private queue =
    [
        from
            "2: trade seller 10@100; 3: trade seller 5@100"
            "3: a fills 5@100 maker"
            ""
            "Q01 the queue ahead must trade first"
        from
            "2: trade seller 12@100; 3: trade seller 2@100"
            "2: a fills 2@100 maker; 3: a fills 2@100 maker"
            "a=0"
            "Q02 partial fill by the excess"
        from "2: trade seller 15@100; 3: trade seller 9@100" "2: a fills 5@100 maker" "" "Q03 exactly queue and order"
        from "2: trade buyer 50@101" "" "a=10" "Q04 trades of the other aggressor"
        case
            "Q05 trades at a better price do not reach us"
            (a + "; bid 99=4")
            "1: new a buy 5@99 ALO; 2: trade seller 8@100"
            "1: a rests 5@99 front=4"
            "a=4"
        from "2: bid 100=4" "" "a=4" "Q06 nobody behind"
        from "2: bid 100=20; 3: bid 100=15" "" "a=10" "Q07a risk-averse"
        from "2: bid 100=20; 3: bid 100=15" "" "a=5" "Q07b front-first"
        |> queued QueueModel.FrontFirst
        from "2: bid 100=20; 3: bid 100=15" "" "a=7.5" "Q07c uniform"
        |> queued QueueModel.Uniform
        from "2: bid 100=20; 3: bid 100=15" "" "a=9.375" "Q07d power C, 3"
        |> queued (QueueModel.PowerC 3)
        from "2: bid 100=20; 3: bid 100=15" "" "a=7.5" "Q07e power A, 2"
        |> queued (QueueModel.PowerA 2)
        from "2: bid 100=12; 3: bid 100=6" "" "a=6" "Q08 behind loses no more than it holds"
        from "2: trade seller 4@100; 3: bid 100=6" "" "a=6" "Q09 a trade and its depth record count once"
        from "2: trade seller 4@100; 3: bid 100=3" "" "a=3" "Q10 traded and cancelled"
        case
            "Q11 join between a trade and its depth record"
            a
            "1: trade seller 4@100; 2: new a buy 5@100 ALO; 3: bid 100=6"
            "2: a rests 5@100 front=6"
            "a=6"
        from "2: bid 100=0; 3: trade seller 1@100" "3: a fills 1@100 maker" "a=0" "Q12 alone at the level"
        from
            "2: bid 100=30; 3: trade seller 10@100; 4: trade seller 3@100"
            "4: a fills 3@100 maker"
            "a=0"
            "Q13 size added later stays behind"
        from
            "2: bid 100=15; 3: new b buy 5@100 ALO; 4: trade seller 17@100; 5: trade seller 6@100"
            "3: b rests 5@100 front=15; 4: a fills 5@100 maker; 5: b fills 3@100 maker"
            "b=0"
            "Q14 two own orders share one trade"
        case
            "Q15 the better own price is served first"
            "bid 100=10; ask 103=10"
            "1: new a buy 5@100 ALO; 2: new b buy 5@101 ALO; 3: trade seller 12@100"
            "1: a rests 5@100 front=10; 2: b rests 5@101 front=0; 3: b fills 5@101 maker"
            "a=3"
        case
            "Q16 sell side"
            a
            "1: new a sell 5@101 ALO; 2: trade buyer 12@101"
            "1: a rests 5@101 front=10; 2: a fills 2@101 maker"
            "a=0"
        case
            "Q17 fronts may not invert"
            "bid 100=20"
            "1: new a buy 17@100 ALO; 2: bid 100=25; 3: new b buy 37@100 ALO; 4: bid 100=34; 5: new c buy 55@100 ALO; 6: bid 100=48; 7: bid 100=2; 8: bid 100=1; 9: bid 100=1; 10: bid 100=6; 11: trade seller 3@100"
            "1: a rests 17@100 front=20; 3: b rests 37@100 front=25; 5: c rests 55@100 front=34; 11: a fills 2@100 maker"
            "*"
        |> queued (QueueModel.PowerA 3)
    ]

let private crossing =
    [
        from "2: trade seller 3@99" "2: a fills 3@100 maker" "a=10" "X01 trade-through, capped by its size"
        from
            "2: trade seller 10@100; 2: trade seller 3@99; 2: bid 100=0; 3: trade seller 2@100"
            "2: a fills 3@100 maker; 3: a fills 2@100 maker"
            ""
            "X03 sweep, then depth"
        from "2: ask 100=3" "2: a fills 3@100 maker" "a=10" "X04 a fresh ask at our bid"
        from "2: ask 99=8" "2: a fills 5@100 maker" "" "X07 a fresh ask through our bid pays our price"
        from
            "2: ask 100=3; 3: new b buy 3@100 IOC"
            "2: a fills 3@100 maker; 3: b rejected (iocCancelRejected)"
            "a=10"
            "X08 displayed size is taken once"
    ]

let private takers =
    [
        case "T01 post-only that would take" a "1: new a buy 5@101 ALO" "1: a rejected (badAloPxRejected)" ""
        case
            "T02 post-only inside the spread"
            "bid 100=10; ask 103=10"
            "1: new a buy 5@101 ALO; 2: trade seller 4@100"
            "1: a rests 5@101 front=0; 2: a fills 4@101 maker"
            "a=0"
        case
            "T03 IOC walks the book"
            "bid 100=10; ask 101=3; ask 102=4; ask 103=10"
            "1: new a buy 10@102 IOC"
            "1: a fills 3@101 taker; 1: a fills 4@102 taker; 1: a cancelled (iocRemainder)"
            ""
        case "T04 IOC without a match" a "1: new a buy 5@100 IOC" "1: a rejected (iocCancelRejected)" ""
        case
            "T05 marketable GTC rests the remainder"
            "bid 100=10; ask 101=3"
            "1: new a buy 5@101 GTC; 2: ask 101=6"
            "1: a fills 3@101 taker; 1: a rests 2@101 front=0; 2: a fills 2@101 maker"
            ""
        case
            "T06 nothing fresh, no fill"
            "bid 100=10; ask 101=3"
            "1: new a buy 5@101 GTC; 2: ask 101=2"
            "1: a fills 3@101 taker; 1: a rests 2@101 front=0"
            "a=0"
        case
            "T07 displayed size is taken once"
            "bid 100=10; ask 101=4"
            "1: new a buy 3@101 IOC; 2: new b buy 3@101 IOC"
            "1: a fills 3@101 taker; 2: b fills 1@101 taker; 2: b cancelled (iocRemainder)"
            ""
        case
            "T08 until the feed refreshes it"
            "bid 100=10; ask 101=4"
            "1: new a buy 3@101 IOC; 2: ask 101=4; 3: new b buy 3@101 IOC"
            "1: a fills 3@101 taker; 3: b fills 3@101 taker"
            ""
        case
            "T09 a print reduces what a taker may hit"
            a
            "1: trade buyer 8@101; 2: new a buy 5@101 IOC"
            "2: a fills 2@101 taker; 2: a cancelled (iocRemainder)"
            ""
    ]

let private reducing =
    [
        case
            "R01 cut to the position"
            a
            "1: new a sell 5@101 ALO RO; 2: trade buyer 40@101"
            "1: a rests 3@101 front=10; 2: a fills 3@101 maker"
            ""
        |> holding 3L
        case "R02 nothing to reduce" a "1: new a sell 5@101 ALO RO" "1: a rejected (reduceOnlyRejected)" ""
        case
            "R03 another order flattens"
            a
            "1: new a sell 3@101 ALO RO; 2: new b sell 3@100 IOC"
            "1: a rests 3@101 front=10; 2: b fills 3@100 taker; 2: a cancelled (reduceOnlyCanceled)"
            ""
        |> holding 3L
        case
            "R04 self-trade cancels the resting order"
            a
            "1: new a sell 2@101 ALO; 2: new b buy 4@101 IOC"
            "1: a rests 2@101 front=10; 2: a cancelled (selfTradeCanceled); 2: b fills 4@101 taker"
            ""
        case
            "R08 resting reduce-only orders fit the position"
            a
            "1: new a sell 3@102 ALO RO; 2: new b sell 3@103 ALO RO"
            "1: a rests 3@102 front=0; 2: b rests 3@103 front=0; 2: a cancelled (reduceOnlyCanceled)"
            "b=0"
        |> holding 3L
        case "R09 an oversize reduce-only IOC is capped" a "1: new a sell 9@100 IOC RO" "1: a fills 3@100 taker" ""
        |> holding 3L
        case
            "R07 a cancel after the fill"
            a
            (joins + "2: trade seller 15@100; 3: cancel a")
            (rests + "2: a fills 5@100 maker; 3: a rejected (MissingOrder)")
            ""
    ]

let private snapshots =
    [
        from "2: trade seller 3@100; 3: book20 bids 100x12 asks 101x10" "" "a=7" "S01 trades first, then the net change"
        case
            "S02 below the visible depth"
            ""
            $"0: {twoLevels}; 1: new a buy 5@97 ALO; 2: trade seller 9@97; 3: trade seller 2@96"
            "1: a rests 5@97 front=unknown; 3: a fills 2@97 maker"
            "a=unknown"
        case
            "S03 becoming visible"
            ""
            $"0: {twoLevels}; 1: new a buy 5@98 ALO; 2: book2 bids 99x4 98x6 asks 100x3 101x10; 3: trade seller 8@98"
            "1: a rests 5@98 front=unknown; 3: a fills 2@98 maker"
            "a=0"
        case
            "U01 better levels are gone"
            twoLevels
            (joins + "2: bbo bid 99x8 ask 101x10; 3: trade seller 2@100")
            (rests + "3: a fills 2@100 maker")
            "a=0"
        case
            "U02 the best moves between two books"
            twoLevels
            (joins
             + $"2: bbo bid 100x6 ask 101x10; 3: book2 bids 100x6 99x8 asks 101x10 102x9")
            rests
            "a=6"
        case
            "U03 a fresh ask at our bid"
            twoLevels
            (joins + "2: bbo bid 99x8 ask 100x4")
            (rests + "2: a fills 4@100 maker")
            "a=0"
    ]

let private check (c: Case) =
    let says, fronts = expected c
    let said, found = tell c
    Expect.equal said says "what the exchange says"

    if fronts <> [ "*" ] then
        Expect.equal found fronts "queues at the end"

let private group name cases =
    testList
        name
        [
            for c in cases do
                testCase c.Name (fun () -> check c)
                testCase (c.Name + ", mirrored") (fun () -> check (mirrored c))
        ]

let tests =
    testList
        "exchange cases"
        [
            group "queue (16.1)" queue
            group "trade-through and crossing (16.2)" crossing
            group "time in force and takers (16.3)" takers
            group "reduce-only and self-trade (16.4)" reducing
            group "snapshots and best quotes (16.6)" snapshots
        ]
