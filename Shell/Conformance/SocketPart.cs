using System.Text;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Shell.Conformance;

/// <summary>The script's part over the WebSocket: subscriptions with their echoes and first messages, wrong frames, posts.</summary>
internal sealed class SocketPart(VenueLine line, Findings findings, CancellationToken stop)
{
    /// <summary>All of it.</summary>
    public async Task All(Script script, Forgery forgery)
    {
        await Ping().ConfigureAwait(false);
        foreach (var listening in script.Subscriptions)
            await Subscribe(listening).ConfigureAwait(false);
        foreach (var wrong in Script.Frames)
            await Refuse(wrong).ConfigureAwait(false);
        await Unsubscribe().ConfigureAwait(false);
        await Posts(script, forgery).ConfigureAwait(false);
    }

    private async Task Ping()
    {
        findings.Count();
        await line.Send("""{"method":"ping"}""", stop).ConfigureAwait(false);
        using var pong = await line.Until(f => Channel(f) == "pong", stop).ConfigureAwait(false);
        if (pong is null)
            findings.Add("ping", "answer", "pong", "nothing");
    }

    private async Task Subscribe(Listening what)
    {
        findings.Count();
        var name = "ws " + what.Body.Replace("\"", "", StringComparison.Ordinal);
        await line.Send($$"""{"method":"subscribe","subscription":{{what.Body}}}""", stop).ConfigureAwait(false);
        // The first message and the acknowledgement come in any order.
        var (echo, first, refusal) = ((string?)null, (byte[]?)null, (string?)null);
        using var last = await line.Until(
                frame =>
                {
                    var data = Exchange.Member(frame, "data");
                    if (IsOf(frame, what.Channel))
                        first ??= Encoding.UTF8.GetBytes(frame.GetRawText());
                    else if (Channel(frame) == "subscriptionResponse")
                        echo ??= Exchange.Member(data, "subscription").GetRawText();
                    else if (Channel(frame) == "error")
                        refusal = data.GetRawText();
                    return refusal is not null || (echo is not null && (first is not null || !what.HasFirst));
                },
                stop
            )
            .ConfigureAwait(false);
        if (echo is null)
            findings.Add(name, "acknowledgement", what.Echo, refusal ?? "nothing");
        else
            Echoed(name, what.Echo, echo);
        if (first is not null)
            Told(name, what.Channel, first);
        else if (what.HasFirst && echo is not null)
            findings.Add(name, "first message", what.Channel, "nothing");
    }

    // Everything that the reference names is there with its value; the order of members is free.
    private void Echoed(string name, string expected, string got)
    {
        using var left = JsonDocument.Parse(expected);
        using var right = JsonDocument.Parse(got);
        if (!JsonElement.DeepEquals(left.RootElement, right.RootElement))
            findings.Add(name, "echo", expected, got);
    }

    private void Told(string name, string channel, byte[] frame)
    {
        using var json = JsonDocument.Parse(frame);
        var isBare = json.RootElement.ValueKind == JsonValueKind.Array;
        findings.Form(name, "ws/" + channel, isBare ? json.RootElement : Exchange.Member(json.RootElement, "data"));
        findings.Readable(name, Streams.Shape, frame);
    }

    private async Task Refuse(Refused wrong)
    {
        findings.Count();
        var name = "ws " + wrong.Frame.Replace("\"", "", StringComparison.Ordinal);
        await line.Send(wrong.Frame, stop).ConfigureAwait(false);
        using var frame = await line.Until(f => Channel(f) == "error", stop).ConfigureAwait(false);
        if (frame is null)
            findings.Add(name, "error", wrong.Text, "nothing");
        else
            findings.Text(name, "error", wrong.Text, Exchange.Member(frame.RootElement, "data").ToString());
    }

    private async Task Unsubscribe()
    {
        findings.Count();
        const string what = """{"type":"bbo","coin":"BTC"}""";
        await line.Send($$"""{"method":"unsubscribe","subscription":{{what}}}""", stop).ConfigureAwait(false);
        using var ack = await line.Until(f => Channel(f) == "subscriptionResponse", stop).ConfigureAwait(false);
        if (ack is null)
            findings.Add("ws unsubscribe", "acknowledgement", what, "nothing");
        else
            findings.Text(
                "ws unsubscribe",
                "method",
                "unsubscribe",
                Exchange.Member(Exchange.Member(ack.RootElement, "data"), "method").ToString()
            );
    }

    private async Task Posts(Script script, Forgery forgery)
    {
        await Post(
                1,
                """{"type":"info","payload":{"type":"l2Book","coin":"BTC"}}""",
                "info",
                response =>
                    findings.Form(
                        "ws post info",
                        "l2Book",
                        Exchange.Member(Exchange.Member(response, "payload"), "data")
                    )
            )
            .ConfigureAwait(false);
        await Post(
                2,
                """{"type":"info","payload":{"type":"tomorrow"}}""",
                "error",
                response =>
                    findings.Text("ws post info", "error", "422", Exchange.Member(response, "payload").ToString())
            )
            .ConfigureAwait(false);
        // Nonces of the run's other forgeries are used already.
        var (_, body, text) = forgery.All(script.NowMs + 1_000).First();
        var payload = Encoding.UTF8.GetString(body);
        await Post(
                3,
                $$"""{"type":"action","payload":{{payload}}}""",
                "action",
                response =>
                    findings.Text(
                        "ws post action",
                        "response",
                        text,
                        Exchange.Refusal(Exchange.Member(response, "payload"))
                    )
            )
            .ConfigureAwait(false);
    }

    private async Task Post(int id, string request, string type, Action<JsonElement> look)
    {
        findings.Count();
        await line.Send($$"""{"method":"post","id":{{id}},"request":{{request}}}""", stop).ConfigureAwait(false);
        using var frame = await line.Until(
                f => Channel(f) == "post" && Exchange.Member(Exchange.Member(f, "data"), "id").ToString() == $"{id}",
                stop
            )
            .ConfigureAwait(false);
        var response = frame is null
            ? default
            : Exchange.Member(Exchange.Member(frame.RootElement, "data"), "response");
        var said = Exchange.Member(response, "type").ToString();
        if (said != type)
            findings.Add($"ws post {id}", "type", type, frame is null ? "nothing" : said);
        else
            look(response);
    }

    private static string Channel(JsonElement frame) => Exchange.Member(frame, "channel").ToString();

    // Frames that an earlier subscription goes on bringing are of the same form: they serve as well.
    private static bool IsOf(JsonElement frame, string channel) =>
        frame.ValueKind == JsonValueKind.Array ? channel == "explorerBlock" : Channel(frame) == channel;
}
