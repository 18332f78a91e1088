/// The case tables of the simulator's specification, 16.4 to 16.6, and stories of gaps and impact options, each with its mirror.
module Vrlg.Stories.OrderCases

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Cases

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
            "R07 a cancel or a modify after the fill"
            a
            (joins + "2: trade seller 15@100; 3: cancel a; 4: modify a>b buy 5@99 ALO")
            (rests
             + "2: a fills 5@100 maker; 3: a rejected (MissingOrder); 4: b rejected (MissingOrder)")
            ""
        case
            "R05 least order value"
            a
            "1: new a buy 5@100 ALO; 2: new b buy 10@100 ALO"
            "1: a rejected (minTradeNtlRejected); 2: b rests 10@100 front=10"
            "b=10"
        |> least 1_000L
        case
            "R06 a modify loses its place"
            a
            (joins + "2: trade seller 8@100; 3: bid 100=20; 4: modify a>b buy 5@100 ALO")
            (rests + "4: a cancelled (modify); 4: b rests 5@100 front=20")
            "b=20"
        case
            "a modify whose new order is refused keeps its cancel"
            a
            (joins + "2: modify a>b buy 5@101 ALO")
            (rests + "2: a cancelled (modify); 2: b rejected (badAloPxRejected)")
            ""
        case
            "an order that arrives after its expiry is refused, at its expiry it is not"
            a
            "2: new a buy 5@100 ALO until=2; 3: new b buy 5@100 ALO until=2; 3: modify a>c buy 5@99 ALO until=2"
            "2: a rests 5@100 front=10; 3: b rejected (expired); 3: c rejected (expired)"
            "a=10"
        case
            "a level that went and came back is whole again for a taker"
            "bid 100=10; ask 101=4"
            "1: new a buy 3@101 IOC; 2: ask 101=0; 3: ask 101=4; 4: new b buy 4@101 IOC"
            "1: a fills 3@101 taker; 4: b fills 4@101 taker"
            ""
    ]

let private waiting =
    [
        case
            "G01 a stop fires at the mark and walks the bids"
            a
            "1: trigger s sell 5 sl@98 market RO; 2: mark 99; 3: bid 100=0; 3: bid 97=3; 3: bid 96=10; 4: mark 98"
            "1: s waits; 4: s triggered; 4: s fills 3@97 taker; 4: s fills 2@96 taker"
            ""
        |> holding 5L
        case
            "G02 a take-profit becomes a resting order"
            a
            "1: trigger s sell 5 tp@105 limit@105 RO; 2: ask 101=0; 2: ask 105=7; 2: bid 104=6; 3: mark 104; 4: mark 105"
            "1: s waits; 4: s triggered; 4: s rests 5@105 front=7"
            "s=7"
        |> holding 5L
        case
            "the last mark is tested on placement"
            a
            "1: mark 97; 2: trigger s sell 5 sl@98 market RO"
            "2: s waits; 2: s triggered; 2: s fills 5@100 taker"
            ""
        |> holding 5L
        case
            "a stop that finds nobody within its tolerance ends"
            "ask 101=10; bid 80=10"
            "1: trigger s sell 5 sl@98 market RO; 2: mark 98"
            "1: s waits; 2: s triggered; 2: s cancelled (marketOrderNoLiquidityRejected)"
            ""
        |> holding 5L
        case
            "a position's stop has the position's size and ends with it"
            a
            "1: trigger s sell 1 sl@98 market RO position; 2: mark 98"
            "1: s waits; 2: s triggered; 2: s fills 5@100 taker"
            ""
        |> holding 5L
        case
            "a position's stop ends when the position does"
            a
            "1: trigger s sell 1 sl@98 market RO position; 2: new x sell 5@100 IOC; 3: mark 98"
            "1: s waits; 2: x fills 5@100 taker; 2: s cancelled (reduceOnlyCanceled)"
            ""
        |> holding 5L
        case
            "siblings: a full fill of one ends the others"
            a
            "1: trigger s sell 3 sl@98 market RO group7; 1: trigger t sell 3 tp@105 market RO group7; 2: mark 98"
            "1: s waits; 1: t waits; 2: s triggered; 2: s fills 3@100 taker; 2: t cancelled (siblingFilledCanceled)"
            ""
        |> holding 5L
        case
            "a cancel takes a waiting trigger away"
            a
            "1: trigger s sell 3 sl@98 market RO; 2: cancel s; 3: mark 98"
            "1: s waits; 2: s cancelled (canceled)"
            ""
        |> holding 5L
        case
            "a scheduled cancel ends everything, best first"
            a
            "1: new a buy 5@99 ALO; 1: new b buy 5@100 ALO; 2: schedule 3; 2: passes; 3: passes"
            "1: a rests 5@99 front=0; 1: b rests 5@100 front=10; 3: b cancelled (scheduledCancel); 3: a cancelled (scheduledCancel)"
            ""
    ]

let private gaps =
    [
        case
            "S04 the first book after a gap is risk-averse whatever the model"
            a
            (joins
             + "2: trade seller 2@100; 3: bid 100=10; 4: gap; 4: book20 bids 100x6 asks 101x10")
            rests
            "a=6"
        |> queued (QueueModel.PowerC 3)
        case
            "takers inside a gap find no book, post-only orders an unknown queue"
            a
            "1: gap; 2: new t buy 5@101 IOC; 2: new b buy 5@100 ALO; 3: trade seller 4@100; 4: trade seller 2@99"
            "2: t rejected (noBook); 2: b rests 5@100 front=unknown; 4: b fills 2@100 maker"
            "b=unknown"
        case
            "a gap that lasts ends what rests"
            a
            (joins + "2: gap; 6: passes; 7: passes")
            (rests + "7: a cancelled (gapCanceled)")
            ""
        case "orders may be cancelled at a gap's start" a (joins + "2: gap") (rests + "2: a cancelled (gapCanceled)") ""
        |> ruled
            { MatchRules.Default with
                Gap = GapPolicy.CancelOwn
            }
    ]

let private options =
    [
        from "2: trade seller 20@100" "2: a fills 4@100 maker" "a=0" "participation: a fifth of a print, no more"
        |> ruled
            { MatchRules.Default with
                Participation = 20_000_000L
            }
        case
            "decay: what we took comes back with time"
            "bid 100=10; ask 101=4"
            "1: new a buy 4@101 IOC; 1: ask 101=4; 1: new b buy 4@101 IOC; 2: new c buy 4@101 IOC"
            "1: a fills 4@101 taker; 1: b rejected (iocCancelRejected); 2: c fills 3@101 taker; 2: c cancelled (iocRemainder)"
            ""
        |> ruled
            { MatchRules.Default with
                Decay = Duration.OfMs 500L
            }
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
            "a best quote below an unknown queue says that nobody is ahead"
            ""
            $"0: {twoLevels}; 1: new a buy 5@97 ALO; 1: new b buy 5@96 ALO; 2: bbo bid 96x8 ask 101x10; 3: trade seller 2@97"
            "1: a rests 5@97 front=unknown; 1: b rests 5@96 front=unknown; 3: a fills 2@97 maker"
            "a=0 b=8"
        case
            "an empty side says that nobody is ahead"
            ""
            $"0: {twoLevels}; 1: new a buy 5@97 ALO; 2: bbo bid 0x0 ask 101x10; 3: trade seller 2@97"
            "1: a rests 5@97 front=unknown; 3: a fills 2@97 maker"
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

let tests =
    testList
        "order cases"
        [
            group "reduce-only, self-trade, limits, modify (16.4)" reducing
            group "triggers and scheduled cancels (16.5)" waiting
            group "snapshots and best quotes (16.6)" snapshots
            group "gaps (9)" gaps
            group "impact options (11)" options
        ]
