using System.Text.Json;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Where a connection asks to be told things, and to be told no more.</summary>
internal interface ISubscribers
{
    /// <summary>A connection asks for a stream.</summary>
    void Subscribe(VenueSocket socket, JsonElement asked);

    /// <summary>A connection wants a stream no more.</summary>
    void Unsubscribe(VenueSocket socket, JsonElement asked);
}
