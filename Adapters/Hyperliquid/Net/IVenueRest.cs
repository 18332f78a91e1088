namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>Questions and actions over HTTP: what the gateway needs of <see cref="RestClient"/>.</summary>
public interface IVenueRest
{
    /// <inheritdoc cref="RestClient.AskAsync"/>
    Task<RestReply> AskAsync(string type, ReadOnlyMemory<byte> body, bool isExit, CancellationToken stop);

    /// <inheritdoc cref="RestClient.ActAsync"/>
    Task<RestReply> ActAsync(ReadOnlyMemory<byte> body, int batch, bool isExit, CancellationToken stop);
}
