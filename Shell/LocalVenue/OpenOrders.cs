using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>The open orders of an account as a list.</summary>
internal static class OpenOrders
{
    /// <summary>Open orders of an account, newest first.</summary>
    public static void Write(Utf8JsonWriter json, VenueAccount? a, Action<Utf8JsonWriter, OrderRow> write)
    {
        json.WriteStartArray();
        foreach (var o in (a?.Live.Values ?? Enumerable.Empty<VenueOrder?>()).Reverse())
            write(json, OrderRow.Of(o!));
        json.WriteEndArray();
    }
}
