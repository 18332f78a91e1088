using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>What became of one item of an action: an order, a cancel, a TWAP.</summary>
public abstract record ItemStatus
{
    private ItemStatus() { }

    /// <summary>Its order stands in the book.</summary>
    public sealed record Resting(long Oid, string? Cloid) : ItemStatus;

    /// <summary>Its order took liquidity; of an immediate one the rest is gone.</summary>
    public sealed record Filled(Sz TotalSz, Numeral AvgPx, long Oid, string? Cloid) : ItemStatus;

    /// <summary>It was refused, with the venue's words.</summary>
    public sealed record Error(string Text) : ItemStatus;

    /// <summary>It waits for its parent's fill.</summary>
    public sealed record WaitingForFill : ItemStatus;

    /// <summary>It waits for its price.</summary>
    public sealed record WaitingForTrigger : ItemStatus;

    /// <summary>A cancel that found its order.</summary>
    public sealed record Success : ItemStatus;

    /// <summary>A TWAP that runs.</summary>
    public sealed record Running(long TwapId) : ItemStatus;

    internal static ItemStatus Read(JsonElement of, WireReader read)
    {
        if (of.ValueKind == JsonValueKind.String)
            return of.GetString() switch
            {
                "success" => new Success(),
                "waitingForFill" => new WaitingForFill(),
                "waitingForTrigger" => new WaitingForTrigger(),
                var word => throw read.Fault("statuses", $"has the word {word}"),
            };
        if (WireReader.TryMember(of, "resting", out var resting))
            return new Resting(read.Natural(resting, "oid"), read.OptionalText(resting, "cloid"));
        if (WireReader.TryMember(of, "filled", out var filled))
            return new Filled(
                read.Sz(filled, "totalSz"),
                read.Numeral(filled, "avgPx"),
                read.Natural(filled, "oid"),
                read.OptionalText(filled, "cloid")
            );
        if (WireReader.TryMember(of, "running", out var running))
            return new Running(read.Natural(running, "twapId"));
        if (WireReader.TryMember(of, "error", out _))
            return new Error(read.Text(of, "error"));
        throw read.Fault("statuses", "has an element that is not known");
    }

    internal static void Write(ItemStatus status, Utf8JsonWriter json)
    {
        switch (status)
        {
            case Success:
                json.WriteStringValue("success");
                break;
            case WaitingForFill:
                json.WriteStringValue("waitingForFill");
                break;
            case WaitingForTrigger:
                json.WriteStringValue("waitingForTrigger");
                break;
            default:
                json.WriteStartObject();
                Members(status, json);
                json.WriteEndObject();
                break;
        }
    }

    private static void Members(ItemStatus status, Utf8JsonWriter json)
    {
        switch (status)
        {
            case Resting resting:
                json.WriteStartObject("resting");
                json.Put("oid", resting.Oid);
                json.PutAny("cloid", resting.Cloid);
                json.WriteEndObject();
                break;
            case Filled filled:
                json.WriteStartObject("filled");
                json.Put("totalSz", filled.TotalSz);
                json.Put("avgPx", filled.AvgPx);
                json.Put("oid", filled.Oid);
                json.PutAny("cloid", filled.Cloid);
                json.WriteEndObject();
                break;
            case Running running:
                json.WriteStartObject("running");
                json.Put("twapId", running.TwapId);
                json.WriteEndObject();
                break;
            case Error error:
                json.Put("error", error.Text);
                break;
            default:
                break;
        }
    }
}

/// <summary>The answer to an action.</summary>
public abstract record ExchangeReply
{
    private ExchangeReply() { }

    /// <summary>The whole action failed, with the venue's words.</summary>
    public sealed record Failed(string Text) : ExchangeReply;

    /// <summary>
    /// One status an item, in the order of the request. Fewer than were asked: see <see cref="StatusOf"/>.
    /// </summary>
    /// <param name="Type"><c>order</c> or <c>cancel</c>.</param>
    /// <param name="Items">What became of each.</param>
    public sealed record Statuses(string Type, Rows<ItemStatus> Items) : ExchangeReply
    {
        /// <summary>
        /// The status of an item of a request with <paramref name="asked"/> items. A list that is shorter and holds nothing but errors
        /// means the first for all (protocol 1.4); null where the list says nothing of the item: its fate is unknown.
        /// </summary>
        public ItemStatus? StatusOf(int index, int asked)
        {
            if (Items.Count == asked)
                return index < asked ? Items[index] : null;
            var isRefusal = Items.Count > 0 && Items.Count < asked && Items.All(item => item is ItemStatus.Error);
            return isRefusal ? Items[0] : null;
        }
    }

    /// <summary>The state of a TWAP that was asked for or cancelled.</summary>
    /// <param name="Type"><c>twapOrder</c> or <c>twapCancel</c>.</param>
    /// <param name="Status">What became of it.</param>
    public sealed record Twap(string Type, ItemStatus Status) : ExchangeReply;

    /// <summary>An address that the action made: a sub-account or a vault.</summary>
    public sealed record Created(string Type, string Address) : ExchangeReply;

    /// <summary>It was done, and there is nothing else to say.</summary>
    public sealed record Performed : ExchangeReply;

    internal static ExchangeReply Read(JsonElement of, WireReader read)
    {
        switch (read.Text(of, "status"))
        {
            case "ok":
                break;
            case "err":
                return new Failed(read.Text(of, "response"));
            default:
                throw read.Fault("status", "is neither ok nor err");
        }

        var response = read.Member(of, "response");
        var type = read.Text(response, "type");
        switch (type)
        {
            case "order" or "cancel":
                return new Statuses(type, read.Rows(read.Member(response, "data"), "statuses", ItemStatus.Read));
            case "twapOrder" or "twapCancel":
                return new Twap(type, ItemStatus.Read(read.Member(read.Member(response, "data"), "status"), read));
            case "createSubAccount" or "createVault":
                return new Created(type, read.Text(response, "data"));
            case "default":
                return new Performed();
            default:
                throw read.Fault("type", $"is {type}, which is not known");
        }
    }

    internal static void Write(ExchangeReply reply, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("status", reply is Failed ? "err" : "ok");
        if (reply is Failed failed)
        {
            json.Put("response", failed.Text);
        }
        else
        {
            json.WriteStartObject("response");
            Response(reply, json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Response(ExchangeReply reply, Utf8JsonWriter json)
    {
        switch (reply)
        {
            case Statuses statuses:
                json.Put("type", statuses.Type);
                json.WriteStartObject("data");
                json.PutRows("statuses", statuses.Items, ItemStatus.Write);
                json.WriteEndObject();
                break;
            case Twap twap:
                json.Put("type", twap.Type);
                json.WriteStartObject("data");
                json.WritePropertyName("status");
                ItemStatus.Write(twap.Status, json);
                json.WriteEndObject();
                break;
            case Created created:
                json.Put("type", created.Type);
                json.Put("data", created.Address);
                break;
            default:
                json.Put("type", "default");
                break;
        }
    }
}
