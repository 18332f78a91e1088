using System.Collections.Immutable;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>
/// The life of a feed's connection as a pure function (D1-004): connect, subscribe, live, stale, back off. It reads no clock and
/// opens no socket; whoever owns the socket tells it what happened and does what it answers.
/// </summary>
public static class FeedMachine
{
    private const int BeatsOfSilence = 3;
    private const long OneGap = -1;

    /// <summary>Before anything: the first tick connects.</summary>
    public static FeedState Start(FeedRules rules, long now)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new FeedState(LinkPhase.BackingOff, now, now, -1, 0, now, Fresh(rules));
    }

    /// <summary>The feed after one input, and what is to be done.</summary>
    public static (FeedState State, ImmutableArray<FeedOutput> Output) Step(
        FeedRules rules,
        FeedState state,
        long now,
        FeedInput input
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(state);
        return input switch
        {
            FeedInput.Ticked tick => Tick(rules, state, now, tick.Draw),
            FeedInput.Opened opened => Open(rules, state, now, opened.Connection),
            FeedInput.Closed closed when closed.Connection == state.Connection => Close(
                rules,
                state,
                now,
                closed.Draw,
                "the connection was closed"
            ),
            FeedInput.Acknowledged ack when ack.Connection == state.Connection => Acknowledge(
                rules,
                state,
                now,
                ack.Channel
            ),
            FeedInput.Refused refused when refused.Connection == state.Connection => Refuse(rules, state, now, refused),
            FeedInput.Heard heard when heard.Connection == state.Connection => Hear(rules, state, now, heard.Channel),
            _ => (state, []),
        };
    }

    /// <summary>How long a periodic channel may be silent: three of its beats, and never less than a dead connection's silence.</summary>
    public static long Patience(FeedRules rules, in ChannelState channel)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return Math.Max(rules.DeadAfter, BeatsOfSilence * (channel.Beat > 0 ? channel.Beat : rules.FirstBeat));
    }

    private static ImmutableArray<ChannelState> Fresh(FeedRules rules) =>
        [.. rules.Channels.Select(_ => new ChannelState(false, false, -1, 0))];

    private static (FeedState, ImmutableArray<FeedOutput>) Tick(FeedRules rules, FeedState s, long now, double draw)
    {
        switch (s.Phase)
        {
            case LinkPhase.BackingOff when now >= s.RetryAt:
                var number = s.Connection + 1;
                return (
                    s with
                    {
                        Phase = LinkPhase.Connecting,
                        Since = now,
                        Connection = number,
                    },
                    [new FeedOutput.Connect(number)]
                );
            case LinkPhase.BackingOff:
                return (s, []);
            case LinkPhase.Connecting when now - s.Since >= rules.OpenWithin:
                return GiveUp(rules, s, now, draw, $"no connection within {rules.OpenWithin} ms");
            case LinkPhase.Connecting:
                return (s, []);
            case LinkPhase.Subscribing when now - s.Since >= rules.AckWithin:
                return GiveUp(rules, s, now, draw, $"subscriptions not acknowledged within {rules.AckWithin} ms");
        }

        if (now - s.HeardAt >= rules.DeadAfter)
            return GiveUp(rules, s, now, draw, $"nothing was heard for {rules.DeadAfter} ms");
        var output = ImmutableArray.CreateBuilder<FeedOutput>();
        var next = s;
        if (s.PingedAt < 0 && now - s.HeardAt >= rules.PingAfter)
        {
            next = next with { PingedAt = now };
            output.Add(new FeedOutput.Ping());
        }

        for (var i = 0; i < rules.Channels.Length; i++)
        {
            var channel = next.Channels[i];
            if (
                rules.Channels[i].Manner != ChannelManner.Periodic
                || !channel.IsFresh
                || now - channel.HeardAt < Patience(rules, channel)
            )
                continue;
            next = With(next, i, channel with { IsFresh = false });
            output.Add(new FeedOutput.Lost(rules.Channels[i].Name, $"silent for {now - channel.HeardAt} ms"));
        }

        if (next.Phase == LinkPhase.Live && next.Failures > 0 && now - next.Since >= rules.StableAfter)
            next = next with { Failures = 0 };
        return (next, output.ToImmutable());
    }

    private static (FeedState, ImmutableArray<FeedOutput>) Open(FeedRules rules, FeedState s, long now, long connection)
    {
        // A connection that nobody waits for any more is of no use, and must not pass for the one that is waited for.
        if (connection != s.Connection || s.Phase == LinkPhase.BackingOff)
            return (s, [new FeedOutput.Drop(connection, "a connection that was given up came late")]);
        if (s.Phase != LinkPhase.Connecting)
            return (s, []);
        var phase = rules.Channels.IsEmpty ? LinkPhase.Live : LinkPhase.Subscribing;
        var next = s with { Phase = phase, Since = now, HeardAt = now, PingedAt = -1, Channels = Fresh(rules) };
        return (next, rules.Channels.IsEmpty ? [] : [new FeedOutput.Subscribe(rules.Channels)]);
    }

    private static (FeedState, ImmutableArray<FeedOutput>) GiveUp(
        FeedRules rules,
        FeedState s,
        long now,
        double draw,
        string why
    )
    {
        var (next, output) = Close(rules, s, now, draw, why);
        return (next, output.Insert(0, new FeedOutput.Drop(s.Connection, why)));
    }

    private static (FeedState, ImmutableArray<FeedOutput>) Close(
        FeedRules rules,
        FeedState s,
        long now,
        double draw,
        string why
    )
    {
        if (s.Phase == LinkPhase.BackingOff)
            return (s, []);
        var wasConnected = IsUp(s);
        var doublings = Math.Min(s.Failures, 20);
        var full = Math.Min(rules.LongestPause, rules.FirstPause << doublings);
        // Half of it, and a drawn part of the other half: those who lost a venue together do not return together.
        var pause = full / 2 + (long)(full / 2 * Math.Clamp(double.IsNaN(draw) ? 1 : draw, 0, 1));
        var next = s with
        {
            Phase = LinkPhase.BackingOff,
            Since = now,
            PingedAt = -1,
            Failures = Math.Min(s.Failures + 1, 1_000),
            RetryAt = now + pause,
            Channels = Fresh(rules),
        };
        return (next, wasConnected ? [new FeedOutput.Lost(null, why)] : []);
    }

    private static (FeedState, ImmutableArray<FeedOutput>) Acknowledge(
        FeedRules rules,
        FeedState s,
        long now,
        string name
    )
    {
        var heard = Touched(s, now);
        var i = IndexOf(rules, name);
        if (i < 0 || !IsUp(s) || heard.Channels[i].IsAcknowledged)
            return (heard, []);
        var output = ImmutableArray.CreateBuilder<FeedOutput>();
        // A frame may come before the acknowledgement; a channel of events has nothing to say until something happens.
        var channel = heard.Channels[i] with
        {
            IsAcknowledged = true,
            IsRefused = false,
        };
        var isFresh = channel.HeardAt >= 0 || rules.Channels[i].Manner == ChannelManner.OnEvents;
        if (isFresh)
            output.Add(new FeedOutput.Back(name));
        return (Settled(With(heard, i, channel with { IsFresh = isFresh }), now), output.ToImmutable());
    }

    // One that is not to be had holds up no other: it is asked for again on the next connection.
    private static (FeedState, ImmutableArray<FeedOutput>) Refuse(
        FeedRules rules,
        FeedState s,
        long now,
        FeedInput.Refused refused
    )
    {
        var heard = Touched(s, now);
        var i = IndexOf(rules, refused.Channel);
        if (i < 0 || !IsUp(s) || heard.Channels[i].IsRefused)
            return (heard, []);
        var was = heard.Channels[i];
        var channel = was with { IsAcknowledged = false, IsFresh = false, IsRefused = true };
        return (
            Settled(With(heard, i, channel), now),
            was.IsFresh ? [new FeedOutput.Lost(refused.Channel, refused.Why)] : []
        );
    }

    private static FeedState Settled(FeedState s, long now) =>
        s.Phase == LinkPhase.Subscribing && s.Channels.All(c => c.IsAcknowledged || c.IsRefused)
            ? s with
            {
                Phase = LinkPhase.Live,
                Since = now,
            }
            : s;

    private static bool IsUp(FeedState s) => s.Phase is LinkPhase.Subscribing or LinkPhase.Live;

    private static (FeedState, ImmutableArray<FeedOutput>) Hear(FeedRules rules, FeedState s, long now, string? name)
    {
        var heard = Touched(s, now);
        var i = name is null ? -1 : IndexOf(rules, name);
        if (i < 0 || !IsUp(s))
            return (heard, []);
        var channel = heard.Channels[i];
        var gap = channel.HeardAt < 0 ? 0 : now - channel.HeardAt;
        // The rhythm follows slowly: a silence that was a fault must not become the measure of the next. From the frame that answers
        // the subscription to the first of the rhythm is any time, and a beat that is shorter than patience tells apart would hardly
        // grow again.
        var beat =
            gap == 0 ? channel.Beat
            : channel.Beat == 0 ? OneGap
            : channel.Beat < 0 ? Math.Max(gap, rules.FirstBeat / BeatsOfSilence)
            : Math.Max(
                rules.DeadAfter / BeatsOfSilence,
                channel.Beat + (Math.Min(gap, 2 * channel.Beat) - channel.Beat) / 8
            );
        var isBack = channel.IsAcknowledged && !channel.IsFresh;
        var next = With(heard, i, channel with { HeardAt = now, Beat = beat, IsFresh = channel.IsAcknowledged });
        return (next, isBack ? [new FeedOutput.Back(name!)] : []);
    }

    private static FeedState Touched(FeedState s, long now) =>
        s with
        {
            HeardAt = Math.Max(s.HeardAt, now),
            PingedAt = -1,
        };

    private static FeedState With(FeedState s, int i, ChannelState channel) =>
        s with
        {
            Channels = s.Channels.SetItem(i, channel),
        };

    private static int IndexOf(FeedRules rules, string name)
    {
        for (var i = 0; i < rules.Channels.Length; i++)
        {
            if (rules.Channels[i].Name == name)
                return i;
        }

        return -1;
    }
}
