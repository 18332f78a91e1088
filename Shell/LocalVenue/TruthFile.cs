using System.Text.Json;
using Vrlg.Adapters;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What is true of a venue's scenario, as a JSON file for machines.</summary>
internal static class TruthFile
{
    /// <summary>Writes it whole or not at all.</summary>
    /// <exception cref="VenueException">It cannot be written there.</exception>
    public static void Write(string path, VenueConfig config)
    {
        try
        {
            var beside = path + ".new";
            File.WriteAllBytes(beside, Bytes(config));
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VenueException($"{path} cannot be written: {FileTrouble.Words(e)}", e);
        }
    }

    /// <summary>The file's content.</summary>
    public static byte[] Bytes(VenueConfig config)
    {
        var truth = TruthModule.about(config);
        return JsonBytes.Of(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("truth", 1);
            json.WriteString("scenario", truth.Scenario.ToString().ToLowerInvariant());
            json.WriteNumber("seed", truth.Seed);
            json.WriteNumber("genesis_ms", truth.Genesis);
            json.WriteNumber("first_height", truth.FirstHeight);
            json.WriteStartObject("gap_ms");
            json.WriteNumber("least", Chain.leastGap);
            json.WriteNumber("median", Chain.medianGap);
            json.WriteNumber("mean", Chain.meanGap);
            json.WriteNumber("largest", Chain.largestGap);
            json.WriteEndObject();
            Optional(json, "period_blocks", truth.PeriodBlocks);
            Optional(json, "period_ms", truth.PeriodMs);
            Optional(json, "phase_height", truth.Phase);
            Optional(json, "onset_height", truth.Onset);
            var onset = truth.Onset == 0 ? 0 : truth.Genesis + (truth.Onset - Chain.genesis) * Chain.meanGap;
            Optional(json, "onset_ms", Math.Round(onset));
            json.WriteStartArray("schedule");
            foreach (var proposer in Chain.schedule)
                json.WriteStringValue(Chain.proposers[proposer]);
            json.WriteEndArray();
            Effect(json, truth);
            json.WriteEndObject();
        });
    }

    private static void Effect(Utf8JsonWriter json, Truth truth)
    {
        switch (truth.Scenario)
        {
            case Scenario.Rotation:
                json.WriteStartObject("rotation");
                json.WriteStartArray("slots");
                foreach (var slot in Chain.slotsNearTurn)
                    json.WriteNumberValue(slot);
                json.WriteEndArray();
                json.WriteNumber("levels", TruthModule.thinLevels);
                json.WriteNumber("size_factor", TruthModule.thinShare);
                json.WriteNumber("ticks_wider_each_side", TruthModule.thinTicks);
                json.WriteNumber("takers_factor", TruthModule.thinTakers);
                json.WriteEndObject();
                return;
            case Scenario.Trend:
                json.WriteStartObject("trend");
                json.WriteNumber("drift_per_block", Prices.drift);
                json.WriteNumber("blocks_up", Prices.leg);
                json.WriteNumber("blocks_down", Prices.leg);
                json.WriteEndObject();
                return;
            case Scenario.Stall:
                json.WriteStartObject("stall");
                json.WriteNumber("every_blocks", Chain.stallEvery);
                json.WriteNumber("length_ms", Chain.stallMs);
                json.WriteEndObject();
                return;
        }
    }

    private static void Optional(Utf8JsonWriter json, string name, double value)
    {
        if (value == 0)
            json.WriteNull(name);
        else if (value == Math.Floor(value))
            json.WriteNumber(name, (long)value);
        else
            json.WriteNumber(name, value);
    }
}
