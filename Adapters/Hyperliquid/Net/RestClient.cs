using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>
/// Requests of the venue over HTTP. An action is sent once, whatever happens: a time-out or a broken connection after sending is
/// <see cref="RestOutcome.Unknown"/>. Questions are asked again, later and later.
/// </summary>
public sealed class RestClient : IVenueRest, IDisposable
{
    private const int MostBytes = 64 << 20;
    private const int Tries = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(10);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient http;
    private readonly WeightBudget budget;
    private readonly TimeProvider clock;
    private readonly Uri info;
    private readonly Uri exchange;

    /// <summary>A client of one network.</summary>
    /// <param name="network">Where to.</param>
    /// <param name="budget">Of this IP address and host, shared by all clients of it.</param>
    /// <param name="timeout">Longest time that an answer may take.</param>
    /// <param name="clock">Of pauses.</param>
    public RestClient(Network network, WeightBudget budget, TimeSpan timeout, TimeProvider clock)
    {
        // Redirects would carry a signed action to another host.
        http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = timeout,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
                AutomaticDecompression = DecompressionMethods.All,
            }
        )
        {
            Timeout = timeout,
            MaxResponseContentBufferSize = MostBytes,
        };
        this.budget = budget;
        this.clock = clock;
        info = new Uri(network.Rest.AbsoluteUri.TrimEnd('/') + "/info");
        exchange = new Uri(network.Rest.AbsoluteUri.TrimEnd('/') + "/exchange");
    }

    /// <summary>
    /// Asks a question of type <paramref name="type"/>, again after 429, 5xx and broken connections, <c>4</c> times at most with
    /// growing pauses. <paramref name="isExit"/>: it concerns orders at work and may take of the reserve, but for what is kept for
    /// actions.
    /// </summary>
    public async Task<RestReply> AskAsync(string type, ReadOnlyMemory<byte> body, bool isExit, CancellationToken stop)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            while (!budget.TryAsk(Weights.OfInfo(type), isExit, out var wait))
                await Task.Delay(wait, clock, stop).ConfigureAwait(false);
            var (reply, isWorthAnother) = await SendAsync(info, body, stop).ConfigureAwait(false);
            budget.Add(Weights.OfAnswer(type, reply.Body.Span));
            if (!isWorthAnother || attempt == Tries)
                return reply;
            await Task.Delay(pause, clock, stop).ConfigureAwait(false);
            pause *= 2;
        }
    }

    /// <summary>
    /// Sends a signed action once. <paramref name="batch"/>: its orders or cancels. Giving up by <paramref name="stop"/> is
    /// <see cref="RestOutcome.Unknown"/> too: it may be on its way.
    /// </summary>
    public async Task<RestReply> ActAsync(ReadOnlyMemory<byte> body, int batch, bool isExit, CancellationToken stop)
    {
        if (!budget.TryTake(Weights.OfAction(batch), isExit, out var wait))
            return new RestReply(
                RestOutcome.NotTaken,
                default,
                $"the venue's allowance for this address is spent; it is free again in {wait.TotalSeconds:0.0} s"
            );
        try
        {
            var (reply, _) = await SendAsync(exchange, body, stop).ConfigureAwait(false);
            return reply;
        }
        catch (OperationCanceledException)
        {
            return new RestReply(RestOutcome.Unknown, default, $"{exchange.Host}: nobody waited for the answer");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<(RestReply Reply, bool IsWorthAnother)> SendAsync(
        Uri where,
        ReadOnlyMemory<byte> body,
        CancellationToken stop
    )
    {
        try
        {
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = Json;
            using var answer = await http.PostAsync(where, content, stop).ConfigureAwait(false);
            var bytes = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.OK)
                return (new RestReply(RestOutcome.Answered, bytes, ""), false);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                budget.Refused(RefusedPause);
            return (Refusal(answer.StatusCode, bytes), (int)answer.StatusCode is 429 or >= 500);
        }
        catch (HttpRequestException e)
        {
            // Only a connection that never came about proves that nothing was sent.
            var isUnsent =
                e.InnerException is SocketException || e.HttpRequestError == HttpRequestError.NameResolutionError;
            return (
                new RestReply(
                    isUnsent ? RestOutcome.NotTaken : RestOutcome.Unknown,
                    default,
                    $"{where.Host}: {e.Message}"
                ),
                true
            );
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (
                new RestReply(
                    RestOutcome.Unknown,
                    default,
                    $"{where.Host} did not answer within {http.Timeout.TotalSeconds:0.#} s"
                ),
                true
            );
        }
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException)
        {
            // Such as an answer whose compression is damaged: it was sent, and nothing can be read of what came.
            return (new RestReply(RestOutcome.Unknown, default, $"{where.Host}: {e.Message}"), true);
        }
    }

    // The engine never saw what was turned away with 4xx; behind a 5xx of the network in front of it anything may have happened.
    private static RestReply Refusal(HttpStatusCode status, byte[] body)
    {
        var code = (int)status;
        var text = body.Length is 0 or > 200 ? "" : ": " + VenueWords.Of(System.Text.Encoding.UTF8.GetString(body));
        return new RestReply(
            code is >= 400 and < 500 ? RestOutcome.NotTaken : RestOutcome.Unknown,
            default,
            $"the venue answered {code}{text}"
        );
    }
}
