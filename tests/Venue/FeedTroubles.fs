/// The feed where what it is told cannot be read, or what it tells is not taken.
module Vrlg.Venue.FeedTroubles

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

let private isOf (channel: Channel) (kind: EventKind) (e: Event) = e.Kind = kind && e.Channel = channel

let private misreading =
    testCase "a message of the account that nobody understands is a loss, until the account was looked at" (fun () ->
        let host = openVenue ()

        try
            use s = new Stage(host.Port, BookKinds.Full)
            s.Notes.Until("the account", isSeen) |> ignore

            s.Transport.Damage <-
                fun frame ->
                    if frame.Contains "\"fills\":[{" then
                        frame.Replace("\"px\":", "\"py\":")
                    else
                        frame

            s.Act(order 1 true "90000" "0.01" "Ioc") |> ignore

            let all =
                s.Notes.Until(
                    "the fill and the return",
                    fun e -> (fills e).Length > 0 && Array.exists (isOf Channel.Account EventKind.FeedBack) e
                )

            Expect.equal (told all) (fillsBy host) "by the look, once"
            let first (holds: Event -> bool) = Array.findIndex holds all
            let lost = first (isOf Channel.Account EventKind.FeedLost)
            Expect.isLessThan lost (first (isKind EventKind.Filled)) "nothing is believed before"
        finally
            close host)

let private full =
    testCase "a run that takes no market data is told of its fills all the same" (fun () ->
        let host = openVenue ()

        try
            use s = new Stage(host.Port, BookKinds.Full)

            s.Notes.Until("the account and a book", fun e -> isSeen e && Array.exists (hasBook 0) e)
            |> ignore

            s.Notes.TakesMarket <- false
            // Whatever a refusal sets off has happened by the next blocks.
            let from = s.Notes.NewestMs

            if not (SpinWait.SpinUntil((fun () -> s.Notes.NewestMs > from + 1_000L), 60_000)) then
                failtest "no more blocks"

            s.Act(order 1 true "90000" "0.01" "Ioc") |> ignore
            let all = s.Notes.Until("the fill", fun e -> (fills e).Length > 0)
            Expect.equal (told all) (fillsBy host) "once"
        finally
            close host)

let tests = testSequenced <| testList "the feed in trouble" [ misreading; full ]
