/// The case tables of the simulator's specification, 16.1 to 16.3, each with its mirror.
module Vrlg.Stories.ExchangeCases

open Expecto
open Vrlg.Sim
open Vrlg.Stories.Cases
open Vrlg.Stories.Telling

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
        from "2: trade seller 3@99" "2: a fills 5@100 maker" "" "X02 trade-through, everything"
        |> ruled
            { MatchRules.Default with
                Through = Through.Full
            }
        from
            "2: trade seller 10@100; 2: trade seller 3@99; 2: bid 100=0; 3: trade seller 2@100"
            "2: a fills 3@100 maker; 3: a fills 2@100 maker"
            ""
            "X03 sweep, then depth"
        from "2: ask 100=3" "2: a fills 3@100 maker" "a=10" "X04 a fresh ask at our bid"
        from "2: ask 100=3" "2: a fills 5@100 maker" "" "X05 a fresh ask, everything"
        |> ruled
            { MatchRules.Default with
                Cross = Cross.Full
            }
        from "2: ask 100=3" "" "a=10" "X06 a fresh ask, only trades fill"
        |> ruled
            { MatchRules.Default with
                Cross = Cross.None
            }
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

/// Rows of the risk-averse queue as single orders would have it: what shrinks a level leaves from its back. Two own orders
/// that one print reaches are told apart: it is one match an order then.
let private byOrder =
    let isOfSums (c: Case) =
        match c.Queue with
        | QueueModel.RiskAverse -> not (c.Name.StartsWith "Q14" || c.Name.StartsWith "Q15")
        | _ -> false

    let exact (c: Case) =
        { queued QueueModel.ExactL3 c with
            Name = c.Name + ", order by order"
        }

    [
        yield! queue @ crossing @ takers |> List.filter isOfSums |> List.map exact
        from
            "2: bid 100=15; 3: new b buy 5@100 ALO; 4: trade seller 15@100; 5: trade seller 6@100"
            "3: b rests 5@100 front=15; 4: a fills 5@100 maker; 5: b fills 5@100 maker"
            ""
            "an order between two of ours is ahead of the later one only"
        |> queued QueueModel.ExactL3
        case
            "our best bid is met first, above the market"
            "bid 100=10; ask 103=10"
            "1: new a buy 5@101 ALO; 2: trade seller 3@100; 3: trade seller 9@100"
            "1: a rests 5@101 front=0; 2: a fills 3@101 maker; 3: a fills 2@101 maker"
            ""
        |> queued QueueModel.ExactL3
    ]

let tests =
    testList
        "exchange cases"
        [
            group "queue (16.1)" queue
            group "trade-through and crossing (16.2)" crossing
            group "time in force and takers (16.3)" takers
            group "order by order (16.1 to 16.3)" byOrder
        ]
