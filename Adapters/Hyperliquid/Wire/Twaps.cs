using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>What a TWAP waits for.</summary>
/// <param name="Px">The mark's price.</param>
/// <param name="IsAbove">Reached from below.</param>
public sealed record TwapTrigger(Numeral Px, bool IsAbove)
{
    internal static TwapTrigger Read(JsonElement of, WireReader read) =>
        new(read.Numeral(of, "px"), read.Flag(of, "above"));

    internal static void Write(TwapTrigger trigger, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("px", trigger.Px);
        json.Put("above", trigger.IsAbove);
        json.WriteEndObject();
    }
}

/// <summary>How far a TWAP order is.</summary>
/// <param name="Coin">Of which market.</param>
/// <param name="User">Whose.</param>
/// <param name="Side">Buy or sell.</param>
/// <param name="Sz">All of it.</param>
/// <param name="ExecutedSz">What was traded.</param>
/// <param name="ExecutedNtl">Its value.</param>
/// <param name="Minutes">How long it takes.</param>
/// <param name="ReduceOnly">It only shrinks a position.</param>
/// <param name="IsRandom">Slices come at random times.</param>
/// <param name="BegunMs">When it was placed.</param>
/// <param name="StopPx">Where it ends early; of newer messages.</param>
/// <param name="Trigger">What it waits for; of newer messages.</param>
public sealed record TwapState(
    string Coin,
    string User,
    Side Side,
    Numeral Sz,
    Numeral ExecutedSz,
    Numeral ExecutedNtl,
    int Minutes,
    bool ReduceOnly,
    bool IsRandom,
    long BegunMs,
    Numeral? StopPx,
    TwapTrigger? Trigger
)
{
    internal static TwapState Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "coin"),
            read.Text(of, "user"),
            read.SideOf(of, "side"),
            read.Numeral(of, "sz"),
            read.Numeral(of, "executedSz"),
            read.Numeral(of, "executedNtl"),
            read.Count(of, "minutes"),
            read.Flag(of, "reduceOnly"),
            read.Flag(of, "randomize"),
            read.Time(of, "timestamp"),
            read.OptionalNumeral(of, "stopPx"),
            read.OptionalObject(of, "trigger", TwapTrigger.Read)
        );

    internal static void Write(TwapState state, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", state.Coin);
        json.Put("user", state.User);
        json.Put("side", state.Side);
        json.Put("sz", state.Sz);
        json.Put("executedSz", state.ExecutedSz);
        json.Put("executedNtl", state.ExecutedNtl);
        json.Put("minutes", state.Minutes);
        json.Put("reduceOnly", state.ReduceOnly);
        json.Put("randomize", state.IsRandom);
        json.Put("timestamp", state.BegunMs);
        json.PutOrNull("stopPx", state.StopPx);
        if (state.Trigger is { } trigger)
        {
            json.WritePropertyName("trigger");
            TwapTrigger.Write(trigger, json);
        }
        else
        {
            json.WriteNull("trigger");
        }

        json.WriteEndObject();
    }
}

/// <summary>A TWAP order that is at work, by its number.</summary>
public sealed record RunningTwap(long Id, TwapState State)
{
    internal static RunningTwap Read(JsonElement of, WireReader read)
    {
        var (id, state) = read.PairOf(of, "states");
        return new(read.WholeOf(id, "states"), TwapState.Read(state, read));
    }

    internal static void Write(RunningTwap twap, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteNumberValue(twap.Id);
        TwapState.Write(twap.State, json);
        json.WriteEndArray();
    }
}

/// <summary>Something that became of a TWAP order.</summary>
/// <param name="TimeSeconds">When; of all times of the venue the only one in seconds.</param>
/// <param name="State">How far it was.</param>
/// <param name="Status">Such as <c>activated</c>, <c>finished</c>, <c>terminated</c>, <c>error</c>.</param>
/// <param name="Description">Of an error.</param>
/// <param name="Id">Its number; of newer messages.</param>
public sealed record TwapRow(long TimeSeconds, TwapState State, string Status, string? Description, long? Id)
{
    internal static TwapRow Read(JsonElement of, WireReader read)
    {
        var status = read.Member(of, "status");
        return new(
            read.Natural(of, "time"),
            TwapState.Read(read.Member(of, "state"), read),
            read.Text(status, "status"),
            read.OptionalText(status, "description"),
            read.OptionalNatural(of, "twapId")
        );
    }

    internal static void Write(TwapRow row, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("time", row.TimeSeconds);
        json.WritePropertyName("state");
        TwapState.Write(row.State, json);
        json.WriteStartObject("status");
        json.Put("status", row.Status);
        json.PutAny("description", row.Description);
        json.WriteEndObject();
        json.PutAny("twapId", row.Id);
        json.WriteEndObject();
    }
}
