using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>What an address is to the venue.</summary>
/// <param name="Role"><c>user</c>, <c>missing</c>, <c>vault</c>, <c>agent</c> or <c>subAccount</c>.</param>
/// <param name="Master">Whose agent or sub-account it is.</param>
public sealed record UserRole(string Role, string? Master)
{
    internal static UserRole Read(JsonElement of, WireReader read)
    {
        var role = read.Text(of, "role");
        return role switch
        {
            "agent" => new(role, read.Text(read.Member(of, "data"), "user")),
            "subAccount" => new(role, read.Text(read.Member(of, "data"), "master")),
            _ => new(role, null),
        };
    }

    internal static void Write(UserRole role, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("role", role.Role);
        if (role.Master is { } master)
        {
            json.WriteStartObject("data");
            json.Put(role.Role == "agent" ? "user" : "master", master);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}

/// <summary>A named API wallet.</summary>
public sealed record ExtraAgent(string Name, string Address, long ValidUntilMs)
{
    internal static ExtraAgent Read(JsonElement of, WireReader read) =>
        new(read.Text(of, "name"), read.Text(of, "address"), read.Time(of, "validUntil"));

    internal static void Write(ExtraAgent agent, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("name", agent.Name);
        json.Put("address", agent.Address);
        json.Put("validUntil", agent.ValidUntilMs);
        json.WriteEndObject();
    }
}

/// <summary>A perp account by its dex.</summary>
public sealed record DexState(string Dex, PerpState State)
{
    internal static DexState Read(JsonElement of, WireReader read)
    {
        var (dex, state) = read.PairOf(of, "dexToClearinghouseState");
        return new(read.TextOf(dex, "dexToClearinghouseState"), PerpState.Read(state, read));
    }

    internal static void Write(DexState dex, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteStringValue(dex.Dex);
        PerpState.Write(dex.State, json);
        json.WriteEndArray();
    }
}

/// <summary>A sub-account: with the state of the first dex (<c>subAccounts</c>) or of each dex (<c>subAccounts2</c>).</summary>
public sealed record SubAccount(
    string Name,
    string User,
    string Master,
    Rows<DexState> States,
    SpotState Spot,
    string? Abstraction
)
{
    internal static Rows<SubAccount> ReadAll(JsonElement of, WireReader read) => All(of, read, ReadOne);

    internal static Rows<SubAccount> ReadAll2(JsonElement of, WireReader read) => All(of, read, ReadOne2);

    // None are null.
    private static Rows<SubAccount> All(
        JsonElement of,
        WireReader read,
        Func<JsonElement, WireReader, SubAccount> item
    ) => of.ValueKind == JsonValueKind.Null ? [] : read.RowsOf(of, "reply", item);

    private static SubAccount ReadOne(JsonElement of, WireReader read) =>
        Of(of, read, [new DexState("", PerpState.Read(read.Member(of, "clearinghouseState"), read))]);

    private static SubAccount ReadOne2(JsonElement of, WireReader read) =>
        Of(of, read, read.Rows(of, "dexToClearinghouseState", DexState.Read));

    private static SubAccount Of(JsonElement of, WireReader read, Rows<DexState> states) =>
        new(
            read.Text(of, "name"),
            read.Text(of, "subAccountUser"),
            read.Text(of, "master"),
            states,
            SpotState.Read(read.Member(of, "spotState"), read),
            read.OptionalText(of, "abstraction")
        );

    internal static void WriteAll(Rows<SubAccount> all, Utf8JsonWriter json) =>
        WriteAll(
            all,
            json,
            static (sub, j) =>
            {
                j.WritePropertyName("clearinghouseState");
                PerpState.Write(sub.States[0].State, j);
            }
        );

    internal static void WriteAll2(Rows<SubAccount> all, Utf8JsonWriter json) =>
        WriteAll(all, json, static (sub, j) => j.PutRows("dexToClearinghouseState", sub.States, DexState.Write));

    private static void WriteAll(Rows<SubAccount> all, Utf8JsonWriter json, Action<SubAccount, Utf8JsonWriter> states)
    {
        if (all.Count == 0)
            json.WriteNullValue();
        else
            json.PutRows(
                all,
                (sub, j) =>
                {
                    j.WriteStartObject();
                    j.Put("name", sub.Name);
                    j.Put("subAccountUser", sub.User);
                    j.Put("master", sub.Master);
                    states(sub, j);
                    j.WritePropertyName("spotState");
                    SpotState.Write(sub.Spot, j);
                    j.PutAny("abstraction", sub.Abstraction);
                    j.WriteEndObject();
                }
            );
    }
}
