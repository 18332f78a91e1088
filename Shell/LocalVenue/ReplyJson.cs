using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Replies of <c>/exchange</c> (protocol 1.4).</summary>
internal static class ReplyJson
{
    /// <summary>Writes one.</summary>
    public static void Write(Utf8JsonWriter json, VenueAnswer answer)
    {
        json.WriteStartObject();
        switch (answer)
        {
            case VenueAnswer.Err err:
                json.WriteString("status", "err");
                json.WriteString("response", err.sentence);
                break;
            case VenueAnswer.Statuses said:
                json.WriteString("status", "ok");
                json.WriteStartObject("response");
                json.WriteString("type", said.kind);
                json.WriteStartObject("data");
                json.WriteStartArray("statuses");
                foreach (var status in said.statuses)
                    Item(json, status);
                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case VenueAnswer.One one:
                json.WriteString("status", "ok");
                json.WriteStartObject("response");
                json.WriteString("type", one.kind);
                json.WriteStartObject("data");
                json.WritePropertyName("status");
                Item(json, one.status);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case VenueAnswer.Text text:
                json.WriteString("status", "ok");
                json.WriteStartObject("response");
                json.WriteString("type", text.kind);
                json.WriteString("data", text.text);
                json.WriteEndObject();
                break;
            default:
                json.WriteString("status", "ok");
                json.WriteStartObject("response");
                json.WriteString("type", "default");
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>A refusal that reached no block.</summary>
    public static byte[] Refusal(string sentence) => JsonBytes.Of(json => Write(json, VenueAnswer.NewErr(sentence)));

    private static void Item(Utf8JsonWriter json, Status status)
    {
        switch (status)
        {
            case Status.Word word:
                json.WriteStringValue(word.Item);
                return;
            case Status.Error error:
                json.WriteStartObject();
                json.WriteString("error", error.Item);
                break;
            case Status.Running running:
                json.WriteStartObject();
                json.WriteStartObject("running");
                json.WriteNumber("twapId", running.twap);
                json.WriteEndObject();
                break;
            case Status.Resting resting:
                json.WriteStartObject();
                json.WriteStartObject("resting");
                Named(json, resting.oid, resting.cloid);
                json.WriteEndObject();
                break;
            case Status.Filled filled:
                json.WriteStartObject();
                json.WriteStartObject("filled");
                json.WriteAmount("totalSz", filled.sz);
                json.WriteAmount("avgPx", filled.avgPx);
                Named(json, filled.oid, filled.cloid);
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }

    private static void Named(Utf8JsonWriter json, long oid, string? cloid)
    {
        json.WriteNumber("oid", oid);
        if (cloid is not null)
            json.WriteString("cloid", cloid);
    }
}
