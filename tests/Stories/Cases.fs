/// How a case of the simulator's specification is written down and checked, with its mirror.
module Vrlg.Stories.Cases

open Expecto
open Vrlg.Sim
open Vrlg.Stories.Telling

let a = "bid 100=10; ask 101=10"
let joins = "1: new a buy 5@100 ALO; "
let rests = "1: a rests 5@100 front=10; "

let case name start events says fronts : Case =
    {
        Name = name
        Queue = QueueModel.RiskAverse
        Rules = MatchRules.Default
        Least = 0L
        Position = 0L
        Start = start
        Events = events
        Says = says
        Fronts = fronts
    }

let from events says fronts name =
    case name a (joins + events) (rests + says) fronts

let queued queue (c: Case) = { c with Queue = queue }
let ruled (rules: MatchRules) (c: Case) = { c with Rules = rules }
let least value (c: Case) = { c with Least = value }
let holding position (c: Case) = { c with Position = position }

let twoLevels = "book2 bids 100x10 99x8 asks 101x10 102x9"

let check (c: Case) =
    let says, fronts = expected c
    let said, found = tell c
    Expect.equal said says "what the exchange says"

    if fronts <> [ "*" ] then
        Expect.equal found fronts "queues at the end"

let group name cases =
    testList
        name
        [
            for c in cases do
                testCase c.Name (fun () -> check c)
                testCase (c.Name + ", mirrored") (fun () -> check (mirrored c))
        ]
