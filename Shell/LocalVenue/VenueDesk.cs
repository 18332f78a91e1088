using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Answers requests, however they came.</summary>
internal sealed class VenueDesk(VenueRunner runner, Recovery recovery)
{
    /// <summary>Orders, cancels or changes of one action.</summary>
    private const int MostItems = 1_000;

    /// <summary>How deep a request may nest.</summary>
    public static JsonDocumentOptions Depth { get; } = new() { MaxDepth = 32 };

    /// <summary>The answer of a path; null when the body is no request of it (422).</summary>
    public async Task<byte[]?> Answer(string path, JsonElement body) =>
        path switch
        {
            _ when !Asked.IsReadable(body) => null,
            "/info" => Info(body),
            "/explorer" => runner.Look(s => JsonBytes.Of(json => ChainJson.Explorer(s, body, json))),
            _ => await Exchange(body).ConfigureAwait(false),
        };

    private byte[]? Info(JsonElement request)
    {
        if (BarPage.IsOne(request, out var page))
            return page?.Write(runner.Look(page.Take));
        return runner.Look(s =>
        {
            var ok = false;
            var bytes = JsonBytes.Of(json =>
            {
                ok = InfoReplies.TryWrite(s, request, json);
                if (!ok)
                    json.Reset();
            });
            return ok ? bytes : null;
        });
    }

    private async Task<byte[]?> Exchange(JsonElement body)
    {
        if (Weights.Batch(body) > MostItems)
            return ReplyJson.Refusal($"Too many items in one action: at most {MostItems}.");
        if (!recovery.TryRead(body, out var submission, out var refusal))
            return null;
        if (submission is null)
            return ReplyJson.Refusal(refusal!);
        var done = runner.Submit(submission, body.GetProperty("action").Clone());
        return done is null
            ? ReplyJson.Refusal("Too many requests wait for a block.")
            : await done.ConfigureAwait(false);
    }
}
