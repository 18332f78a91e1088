using System.Text.Json;
using Vrlg.Core;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Orders that are worked off over time (protocol 2.3, TwapState).</summary>
internal static class TwapJson
{
    /// <summary>Those that go on or wait, as <c>twapStates</c> has them.</summary>
    public static void States(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        json.WriteStartArray();
        foreach (var t in a?.Twaps ?? [])
        {
            json.WriteStartArray();
            json.WriteNumberValue(t.Id);
            State(json, s, t, t.ExecutedSz, t.ExecutedValue);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    /// <summary>What became of one, and when, in seconds.</summary>
    public static void Row(Utf8JsonWriter json, VenueState s, TwapRow r)
    {
        json.WriteStartObject();
        json.WriteNumber("time", r.Time / 1_000);
        json.WritePropertyName("state");
        State(json, s, r.Twap, r.ExecutedSz, r.ExecutedValue);
        json.WriteStartObject("status");
        json.WriteString("status", r.Status);
        json.WriteEndObject();
        json.WriteNumber("twapId", r.Twap.Id);
        json.WriteEndObject();
    }

    /// <summary>A fill with the order that it is a slice of.</summary>
    public static void Slice(Utf8JsonWriter json, VenueFill f)
    {
        json.WriteStartObject();
        json.WritePropertyName("fill");
        OrderJson.Fill(json, f);
        json.WriteNumber("twapId", f.Twap);
        json.WriteEndObject();
    }

    /// <summary>The slices among fills.</summary>
    public static List<VenueFill> Slices(List<VenueFill>? fills) => fills?.FindAll(f => f.Twap != 0) ?? [];

    private static void State(Utf8JsonWriter json, VenueState s, VenueTwap t, long sz, long value)
    {
        var ask = t.Ask;
        json.WriteStartObject();
        json.WriteString("coin", t.Market.Coin);
        json.WriteAmount("executedNtl", value);
        json.WriteAmount("executedSz", sz);
        json.WriteNumber("minutes", ask.Minutes);
        json.WriteBoolean("randomize", ask.Randomize);
        json.WriteBoolean("reduceOnly", ask.ReduceOnly);
        json.WriteString("side", BookJson.Letter(ask.Side));
        if (ask.Stop.IsSome)
            json.WriteAmount("stopPx", ask.Stop.Value);
        else
            json.WriteNull("stopPx");
        json.WriteAmount("sz", ask.Sz);
        json.WriteNumber("timestamp", t.Time);
        if (ask.Trigger.IsSome)
        {
            var (px, isAbove) = ask.Trigger.Value;
            json.WriteStartObject("trigger");
            json.WriteAmount("px", px);
            json.WriteBoolean("above", isAbove);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("trigger");
        }

        json.WriteString("user", s.Accounts[t.Account].Address);
        json.WriteEndObject();
    }
}
