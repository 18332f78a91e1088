/// The feed against the venue: what it tells is what the venue says over HTTP, also after the venue was killed.
module Vrlg.Venue.Feeding

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open System.Text
open System.Threading
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Feeds
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client
open Vrlg.Venue.FeedStage

let private following =
    testCase "tells market, blocks and account as the venue has them" (fun () ->
        let host = openVenue ()

        try
            use s = new Stage(host.Port, BookKinds.Both)

            let all =
                s.Notes.Until(
                    "the first picture",
                    fun events ->
                        isSeen events
                        && [ 0; 1 ] |> List.forall (fun i -> Array.exists (hasBook i) events)
                        && [
                            EventKind.BboMoved
                            EventKind.ContextMoved
                            EventKind.BlockSealed
                            EventKind.Traded
                           ]
                           |> List.forall (fun k -> Array.exists (isKind k) events)
                )

            Expect.isGreaterThan s.Notes.NewestMs 0L "block times"
            let first = Array.head (looks all)
            Expect.equal first.Cash.Raw (100_000L * Given.one + 10_000L * Given.one) "cash of both kinds"
            Expect.isTrue first.Open.IsEmpty "no order"

            let heights =
                all
                |> Array.filter (isKind EventKind.BlockSealed)
                |> Array.map (fun e -> e.Height)

            Expect.equal heights [| heights[0] .. Array.last heights |] "blocks without a gap"

            let trades =
                all |> Array.filter (isKind EventKind.Traded) |> Array.map (fun e -> e.TradeId)

            Expect.equal (Array.distinct trades) trades "each trade once"

            // A book that was told is the book that the venue had at that block.
            s.Act(order 1 true "80000" "0.01" "Gtc") |> ignore
            s.Act(order 2 true "90000" "0.01" "Ioc") |> ignore
            s.Act(order 3 false "80000" "0.004" "Ioc") |> ignore

            let all =
                s.Notes.Until(
                    "the fills",
                    fun events -> (fills events |> Array.sumBy (fun f -> f.Sz.Raw)) >= 1_400_000L
                )

            Expect.equal (told all) (fillsBy host) "fills as over HTTP"
            Expect.isNull (s.Feed.LookAsync(CancellationToken.None).GetAwaiter().GetResult()) "a look"
            let last = Array.last (looks s.Notes.Events)
            Expect.equal [ for o in last.Open -> o.Cloid.N ] [ 1L ] "the order that rests"
            Expect.equal [ for p in last.Positions -> p.Position.Raw ] [ 600_000L ] "the position"
            Expect.equal (told s.Notes.Events) (fillsBy host) "and nothing twice"
            Expect.equal s.Feed.Counts.Unread 0L $"everything is understood: {s.Said}"
            Expect.equal s.Feed.Counts.RepeatedAnswers 0L "answered once"
        finally
            close host)

let private spot =
    testCase "a spot balance is a position, and the fee that was taken of it is money" (fun () ->
        let host = openVenue ()

        try
            use s = new Stage(host.Port, BookKinds.Fast)

            let isQuote (e: Event) =
                e.Kind = EventKind.BboMoved && e.Instrument.Index = 1

            let all = s.Notes.Until("a quote", fun e -> isSeen e && Array.exists isQuote e)
            let quote = Array.findBack isQuote all
            let ask = quote.AskPx
            let px = Math.Round(decimal ask.Raw / 1e8m * 1.05m, 1)

            let buy =
                $$$$"""{"type":"order","orders":[{"a":10001,"b":true,"p":"{{{{px}}}}","s":"2","r":false,"t":{"limit":{"tif":"Ioc"}},"c":"{{{{cloid 5}}}}"}],"grouping":"na"}"""

            s.Act buy |> ignore

            let all =
                s.Notes.Until("the fill", fun e -> (fills e |> Array.sumBy (fun f -> f.Sz.Raw)) >= 200_000_000L)

            Expect.equal (told all) (fillsBy host) "fills as over HTTP"
            Expect.all (fills all) (fun f -> f.Fee.Raw > 0L && f.Instrument.Index = 1) "with a fee in money"
            Expect.isNull (s.Feed.LookAsync(CancellationToken.None).GetAwaiter().GetResult()) "a look"

            let balances =
                (info host $$"""{"type":"spotClearinghouseState","user":"{{addressOf 1uy}}"}""").GetProperty "balances"

            let total (token: string) =
                balances.EnumerateArray()
                |> Seq.find (fun b -> b.GetProperty("coin").GetString() = token)
                |> fun b -> rawOf (nonNull (b.GetProperty("total").GetString()))

            let last = Array.last (looks s.Notes.Events)

            Expect.equal
                [ for p in last.Positions -> p.Instrument.Index, p.Position.Raw ]
                [ 1, total "HYPE" ]
                "what is left after the fee"

            Expect.isLessThan (total "HYPE") 200_000_000L "less the fee"
            Expect.equal last.Cash.Raw (100_000L * Given.one + total "USDC") "cash of both kinds"
        finally
            close host)

let private options (port: int) (path: string) =
    VenueOptions(port, false, config (), path)

let private reopen (o: VenueOptions) =
    VenueHost.Open(o, TimeProvider.System).GetAwaiter().GetResult()

let private returning =
    testCase
        "after the venue was killed and came back everything is lost once, back once, and nothing is missed"
        (fun () ->
            let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())
            let mutable host = reopen (options 0 path)

            try
                let o = VenueOptions(host.Port, false, (options 0 path).Config, path)
                use s = new Stage(host.Port, BookKinds.Full)
                s.Notes.Until("the account", isSeen) |> ignore
                s.Act(order 1 true "80000" "0.01" "Gtc") |> ignore
                s.Act(order 2 true "90000" "0.01" "Ioc") |> ignore
                s.Notes.Until("a fill", fun e -> (fills e).Length > 0) |> ignore

                let lost (channel: Channel) (events: Event[]) =
                    events
                    |> Array.exists (fun e -> e.Kind = EventKind.FeedLost && e.Channel = channel)

                close host

                s.Notes.Until(
                    "the loss",
                    fun e ->
                        [
                            Channel.Book
                            Channel.Bbo
                            Channel.Trades
                            Channel.Context
                            Channel.Blocks
                            Channel.Account
                        ]
                        |> List.forall (fun c -> lost c e)
                )
                |> ignore

                let unsent =
                    (nonNull s.Feed.Posts)
                        .SendAsync(
                            ReadOnlyMemory(Encoding.UTF8.GetBytes(signed 1uy (order 9 true "80000" "0.01" "Gtc"))),
                            CancellationToken.None
                        )

                Expect.equal (unsent.GetAwaiter().GetResult()).Outcome RestOutcome.NotTaken "nothing is sent"
                host <- reopen o
                // While nobody listens, another fill.
                exchange host 1uy (order 3 true "90000" "0.02" "Ioc") |> ignore

                let isBack (channel: Channel) (instrument: int) (e: Event) =
                    e.Kind = EventKind.FeedBack
                    && e.Channel = channel
                    && e.Instrument.Index = instrument

                let all =
                    s.Notes.Until(
                        "the return",
                        fun events ->
                            [
                                for channel in [ Channel.Book; Channel.Bbo; Channel.Trades; Channel.Context ] do
                                    channel, 0
                                    channel, 1
                                Channel.Blocks, -1
                                Channel.Account, -1
                            ]
                            |> List.forall (fun (channel, id) -> Array.exists (isBack channel id) events)
                            && (looks events).Length >= 2
                            // Before the return or after it: it is told once.
                            && (fills events |> Array.sumBy (fun f -> f.Sz.Raw)) >= 3_000_000L
                    )

                Expect.equal (told all) (fillsBy host) "each fill once, the one in between too"

                for channel, id in [ Channel.Account, -1; Channel.Blocks, -1; Channel.Book, 0 ] do
                    Expect.equal (all |> Array.filter (isBack channel id) |> Array.length) 1 $"{channel} is back once"

                let at (holds: Event -> bool) = Array.findIndexBack holds all

                Expect.isLessThan
                    (at (isBack Channel.Account -1))
                    (at (isKind EventKind.AccountSeen))
                    "the picture follows"

                // The first look may have come before that fill.
                Expect.isNull (s.Feed.LookAsync(CancellationToken.None).GetAwaiter().GetResult()) "a look"
                let last = Array.last (looks s.Notes.Events)
                Expect.equal [ for p in last.Positions -> p.Position.Raw ] [ 3_000_000L ] "the position"
                Expect.equal [ for o in last.Open -> o.Cloid.N ] [ 1L ] "the order that rests"
                s.Act """{"type":"cancelByCloid","cancels":[]}""" |> ignore
            finally
                close host
                File.Delete path)

let private inFlight =
    testCase
        "orders that are on their way when the venue is killed have one outcome each, and none is sent twice"
        (fun () ->
            let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())
            let mutable host = reopen (options 0 path)

            try
                let o = VenueOptions(host.Port, false, (options 0 path).Config, path)
                use s = new Stage(host.Port, BookKinds.Full)
                s.Notes.Until("the account", isSeen) |> ignore
                let posts = nonNull s.Feed.Posts

                let send n =
                    let body = signed 1uy (order n true "80000" "0.01" "Gtc")
                    posts.SendAsync(ReadOnlyMemory(Encoding.UTF8.GetBytes body), CancellationToken.None)

                let all = [ for n in 1..40 -> n, send n ]
                // Some are answered by now, the others wait for a block.
                (snd all[0]).Wait 60_000 |> ignore
                let more = [ for n in 41..80 -> n, send n ]
                close host
                let outcomes = [ for n, task in all @ more -> n, task.GetAwaiter().GetResult() ]
                host <- reopen o

                let isOpen =
                    let open' = info host $$"""{"type":"openOrders","user":"{{addressOf 1uy}}"}"""

                    let ours =
                        HashSet
                            [
                                for o in open'.EnumerateArray() -> nonNull (o.GetProperty("cloid").GetString())
                            ]

                    fun n -> ours.Contains(cloid n)

                for n, reply in outcomes do
                    match reply.Outcome with
                    | RestOutcome.Answered ->
                        let text = Encoding.UTF8.GetString reply.Body.Span
                        Expect.equal (isOpen n) (text.Contains "resting") $"{n}: {text}"
                    | RestOutcome.NotTaken -> Expect.isFalse (isOpen n) $"{n} was not taken"
                    | _ -> ()

                let known = outcomes |> List.filter (fun (_, r) -> r.Outcome = RestOutcome.Answered)
                Expect.isGreaterThan known.Length 0 "some were answered"

                // The picture follows the return.
                let until (events: Event[]) =
                    let isBack (e: Event) =
                        e.Kind = EventKind.FeedBack && e.Channel = Channel.Account

                    match Array.tryFindIndex isBack events with
                    | Some i -> isSeen (Array.skip i events)
                    | None -> false

                s.Notes.Until("the return", until) |> ignore

                let listed =
                    HashSet [ for o in (Array.last (looks s.Notes.Events)).Open -> int o.Cloid.N ]

                Expect.equal [ for n in 1..80 -> listed.Contains n ] [ for n in 1..80 -> isOpen n ] "the look has them"
                let c = s.Feed.Counts
                Expect.equal (c.RepeatedAnswers, c.StrangeAnswers) (0L, 0L) "no answer twice"
            finally
                close host
                File.Delete path)

let private fallingBack =
    testCase "books come over HTTP while the socket is not to be had" (fun () ->
        let host = openVenue ()

        try
            let network =
                let mutable trouble = ""
                nonNull (Network.Find($"http://127.0.0.1:{host.Port}", &trouble))

            // The socket's address leads nowhere.
            let network =
                Network(network.Rest, Uri "ws://127.0.0.1:1/ws", Uri "ws://127.0.0.1:1/ws", false)

            let notes = Notebook()
            let clock = TimeProvider.System
            let budget = WeightBudget(1_000_000, 0, clock)
            use rest = new RestClient(network, budget, TimeSpan.FromSeconds 30.0, clock)

            let options =
                FeedOptions(
                    network,
                    VenueId.Of 0,
                    ImmutableArray.Create(
                        FeedCoin("BTC", InstrumentId.Of 0),
                        FeedCoin("@1", InstrumentId.Of 1, "HYPE")
                    ),
                    AccountId.Of 0,
                    Nullable(),
                    run,
                    Instant.Of 0L,
                    BookKinds.Full,
                    false
                )

            let means =
                FeedMeans(
                    WebsocketTransport(TimeSpan.FromSeconds 30.0),
                    SocketLimits(SocketAllowance(), clock),
                    rest,
                    budget,
                    clock,
                    (fun () -> 0.5),
                    FallbackPause = TimeSpan.FromMilliseconds 20.0
                )

            use feed = new HyperliquidFeed(options, means, notes, notes)
            feed.Start()

            let count (id: int) (events: Event[]) =
                events |> Array.filter (hasBook id) |> Array.length

            let all =
                notes.Until("two books of each", fun e -> count 0 e >= 2 && count 1 e >= 2)

            let first (holds: Event -> bool) = Array.findIndex holds all

            for i in 0..1 do
                let lost (e: Event) =
                    e.Kind = EventKind.FeedLost
                    && e.Channel = Channel.Book
                    && e.Instrument.Index = i

                Expect.isLessThan (first lost) (first (hasBook i)) "lost before the first"

            Expect.isFalse (all |> Array.exists (isKind EventKind.FeedBack)) "and not back"
            let times = all |> Array.filter (hasBook 0) |> Array.map (fun e -> e.VenueAt.Ns)
            Expect.equal (Array.sort (Array.distinct times)) times "newer and newer"
            Expect.isGreaterThan budget.Used 0 "paid for"
        finally
            close host)

let tests =
    testSequenced
    <| testList "the feed" [ following; spot; returning; inFlight; fallingBack ]
