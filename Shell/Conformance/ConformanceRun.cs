using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Shell.Conformance;

/// <summary>
/// One script of requests against a venue: every answer is held against the protocol reference (members, kinds, texts) and read by our
/// own client. For test networks: with a key it places and cancels orders.
/// </summary>
public sealed class ConformanceRun
{
    private const string Nobody = "0x00000000000000000000000000000000000dead1";

    private readonly VenueLine line;
    private readonly Findings findings = new();
    private readonly CancellationToken stop;

    private ConformanceRun(VenueLine line, CancellationToken stop)
    {
        this.line = line;
        this.stop = stop;
    }

    /// <summary>Runs the script.</summary>
    /// <param name="network">Where; never mainnet.</param>
    /// <param name="key">Signs the cycle of orders; null leaves it out. A master of zero stands for the key's own account.</param>
    /// <param name="nonces">The key's; with a key they are needed.</param>
    /// <param name="patience">Longest wait for one answer.</param>
    /// <param name="stop">Ends the run.</param>
    public static async Task<ConformanceResult> Run(
        Network network,
        TradingKey? key,
        Nonces? nonces,
        TimeSpan patience,
        CancellationToken stop
    )
    {
        ArgumentOutOfRangeException.ThrowIfEqual(network.IsMainnet, true);
        using var line = new VenueLine(network, patience);
        var run = new ConformanceRun(line, stop);
        try
        {
            await run.All(key, nonces).ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is HttpRequestException or WebSocketException
                || (e is OperationCanceledException && !stop.IsCancellationRequested)
            )
        {
            var why = e is OperationCanceledException ? "it does not answer in time" : e.Message;
            var sentence = $"{network.Rest.Host} cannot be reached from this machine: {why}";
            return new ConformanceResult(run.findings.Asked, run.findings.WithKey, run.findings.All, sentence);
        }

        return new ConformanceResult(run.findings.Asked, run.findings.WithKey, run.findings.All);
    }

    private async Task All(TradingKey? key, Nonces? nonces)
    {
        var user = key is null ? Nobody : AccountOf(key);
        var script = new Script(user, await Spot().ConfigureAwait(false), await Now().ConfigureAwait(false));
        foreach (var question in script.Questions)
            await Ask(question).ConfigureAwait(false);
        using (var forgery = new Forgery())
        {
            foreach (var (name, body, text) in forgery.All(script.NowMs))
                await Forged(name, body, text).ConfigureAwait(false);
            await Explorer().ConfigureAwait(false);
            await line.Open(stop).ConfigureAwait(false);
            await new SocketPart(line, findings, stop).All(script, forgery).ConfigureAwait(false);
        }

        if (key is not null && nonces is not null)
            await new SignedCycle(line, findings, key, nonces, user, stop).All().ConfigureAwait(false);
    }

    private static string AccountOf(TradingKey key) =>
        (key.Policy.Account.IsZero ? key.Signer : key.Policy.Account).ToString();

    private async Task<string> Spot()
    {
        using var meta = await Info("""{"type":"spotMeta"}""").ConfigureAwait(false);
        return
            meta is not null
            && meta.RootElement.ValueKind == JsonValueKind.Object
            && meta.RootElement.TryGetProperty("universe", out var all)
            && all.ValueKind == JsonValueKind.Array
            && all.GetArrayLength() > 0
            && all[0].TryGetProperty("name", out var name)
            ? name.GetString()!
            : "PURR/USDC";
    }

    private async Task<long> Now()
    {
        using var status = await Info("""{"type":"exchangeStatus"}""").ConfigureAwait(false);
        return
            status is not null
            && status.RootElement.ValueKind == JsonValueKind.Object
            && status.RootElement.TryGetProperty("time", out var time)
            && time.TryGetInt64(out var ms)
            ? ms
            : DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    }

    private async Task<JsonDocument?> Info(string body)
    {
        var answer = await line.Post("/info", Encoding.UTF8.GetBytes(body), "application/json", stop)
            .ConfigureAwait(false);
        return Parsed(answer);
    }

    private async Task Ask(Question question)
    {
        findings.Count();
        var answer = await line.Post(question.Path, Encoding.UTF8.GetBytes(question.Body), question.ContentType, stop)
            .ConfigureAwait(false);
        if (answer.Status != question.Status)
        {
            findings.Add(question.Name, "status", $"{question.Status}", $"{answer.Status} {Short(answer.Text)}");
            return;
        }

        if (question.Form is not { } form)
        {
            findings.Text(question.Name, "body", question.Text, answer.Text);
            return;
        }

        Answered(question.Name, form, answer);
    }

    private async Task Forged(string name, byte[] body, string text)
    {
        findings.Count();
        var answer = await line.Post("/exchange", body, "application/json", stop).ConfigureAwait(false);
        if (answer.Status != 200)
        {
            findings.Add(name, "status", "200", $"{answer.Status} {Short(answer.Text)}");
            return;
        }

        if (Answered(name, "exchange", answer) is not { } reply)
            return;
        using (reply)
            findings.Text(name, "response", text, Exchange.Refusal(reply.RootElement));
    }

    private async Task Explorer()
    {
        findings.Count();
        const string name = "explorer, an unknown block";
        var answer = await line.Post(
                "/explorer",
                """{"type":"blockDetails","height":-1}"""u8.ToArray(),
                "application/json",
                stop
            )
            .ConfigureAwait(false);
        // Of the public networks it is another host's.
        if (answer.Status != 404)
            Answered(name, "explorer", answer)?.Dispose();
    }

    private JsonDocument? Answered(string name, string form, Answer answer)
    {
        if (answer.ContentType != "application/json")
            findings.Add(name, "content type", "application/json", answer.ContentType);
        if (Parsed(answer) is not { } json)
        {
            findings.Add(name, "body", "JSON", Short(answer.Text));
            return null;
        }

        findings.Form(name, form, json.RootElement);
        if (Vrlg.Adapters.Hyperliquid.Wire.Info.All.TryGetValue(form, out var shape))
            findings.Readable(name, shape, answer.Body);
        return json;
    }

    private static JsonDocument? Parsed(Answer answer)
    {
        try
        {
            return JsonDocument.Parse(answer.Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Short(string text) => text.Length > 80 ? text[..80] + "…" : text;
}
