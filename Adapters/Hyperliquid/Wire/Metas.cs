using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A perpetual of a dex; its place in the universe is its asset number there.</summary>
/// <param name="Name">Coin; of a builder's dex <c>dex:NAME</c>.</param>
/// <param name="SzDecimals">Decimals of a size.</param>
/// <param name="MaxLeverage">Largest leverage.</param>
/// <param name="MarginTableId">Below 50 one tier of that leverage; none in messages of 2023.</param>
/// <param name="IsDelisted">It stays in its place and trades no more.</param>
/// <param name="OnlyIsolated">The old word for <paramref name="MarginMode"/>.</param>
/// <param name="MarginMode"><c>strictIsolated</c>, <c>noCross</c> or none.</param>
/// <param name="GrowthMode">Of builders' dexs.</param>
public sealed record PerpAsset(
    string Name,
    int SzDecimals,
    int MaxLeverage,
    int? MarginTableId,
    bool IsDelisted,
    bool OnlyIsolated,
    string? MarginMode,
    string? GrowthMode
)
{
    internal static PerpAsset Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "name"),
            read.Count(of, "szDecimals"),
            read.Count(of, "maxLeverage"),
            read.OptionalCount(of, "marginTableId"),
            read.OptionalFlag(of, "isDelisted"),
            read.OptionalFlag(of, "onlyIsolated"),
            read.OptionalText(of, "marginMode"),
            read.OptionalText(of, "growthMode")
        );

    internal static void Write(PerpAsset asset, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("szDecimals", asset.SzDecimals);
        json.Put("name", asset.Name);
        json.Put("maxLeverage", asset.MaxLeverage);
        json.PutAny("marginTableId", asset.MarginTableId);
        json.PutAny("onlyIsolated", asset.OnlyIsolated);
        json.PutAny("isDelisted", asset.IsDelisted);
        json.PutAny("marginMode", asset.MarginMode);
        json.PutAny("growthMode", asset.GrowthMode);
        json.WriteEndObject();
    }
}

/// <summary>From a notional in USD on, the largest leverage.</summary>
public sealed record MarginTier(Numeral LowerBound, int MaxLeverage)
{
    internal static MarginTier Read(JsonElement of, WireReader read) =>
        new(read.Numeral(of, "lowerBound"), read.Count(of, "maxLeverage"));

    internal static void Write(MarginTier tier, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("lowerBound", tier.LowerBound);
        json.Put("maxLeverage", tier.MaxLeverage);
        json.WriteEndObject();
    }
}

/// <summary>A table of margin tiers by its number.</summary>
public sealed record MarginTable(int Id, string Description, Rows<MarginTier> Tiers)
{
    internal static MarginTable Read(JsonElement of, WireReader read)
    {
        var (id, table) = read.PairOf(of, "marginTables");
        return new(
            read.CountOf(id, "marginTables"),
            read.Text(table, "description"),
            read.Rows(table, "marginTiers", MarginTier.Read)
        );
    }

    internal static void Write(MarginTable table, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteNumberValue(table.Id);
        json.WriteStartObject();
        json.Put("description", table.Description);
        json.PutRows("marginTiers", table.Tiers, MarginTier.Write);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

/// <summary>The perpetuals of a dex.</summary>
/// <param name="Universe">By asset number, delisted ones too.</param>
/// <param name="MarginTables">None in messages of 2023.</param>
/// <param name="CollateralToken">The spot token of the margin currency; 0 is USDC; none in messages of 2023.</param>
public sealed record Meta(Rows<PerpAsset> Universe, Rows<MarginTable> MarginTables, int? CollateralToken)
{
    internal static Meta Read(JsonElement of, WireReader read) =>
        new(
            read.Rows(of, "universe", PerpAsset.Read),
            read.OptionalRows(of, "marginTables", MarginTable.Read),
            read.OptionalCount(of, "collateralToken")
        );

    internal static void Write(Meta meta, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.PutRows("universe", meta.Universe, PerpAsset.Write);
        json.PutRows("marginTables", meta.MarginTables, MarginTable.Write);
        json.PutAny("collateralToken", meta.CollateralToken);
        json.WriteEndObject();
    }
}

/// <summary>Facts of a builder's dex; the first dex has none.</summary>
public sealed record PerpDex(
    string Name,
    string FullName,
    string Deployer,
    string? OracleUpdater,
    string? FeeRecipient,
    Numeral? DeployerFeeScale
)
{
    internal static PerpDex Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "name"),
            read.Text(of, "fullName"),
            read.Text(of, "deployer"),
            read.OptionalText(of, "oracleUpdater"),
            read.OptionalText(of, "feeRecipient"),
            read.OptionalNumeral(of, "deployerFeeScale")
        );

    internal static void Write(PerpDex dex, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("name", dex.Name);
        json.Put("fullName", dex.FullName);
        json.Put("deployer", dex.Deployer);
        json.PutOrNull("oracleUpdater", dex.OracleUpdater);
        json.PutOrNull("feeRecipient", dex.FeeRecipient);
        json.WriteStartArray("assetToStreamingOiCap");
        json.WriteEndArray();
        json.WriteStartArray("subDeployers");
        json.WriteEndArray();
        json.PutAny("deployerFeeScale", dex.DeployerFeeScale);
        json.WriteEndObject();
    }

    // The first dex stands as null in its place.
    internal static PerpDex? ReadPlace(JsonElement of, WireReader read) =>
        of.ValueKind == JsonValueKind.Null ? null : Read(of, read);

    internal static void WritePlace(PerpDex? dex, Utf8JsonWriter json)
    {
        if (dex is null)
            json.WriteNullValue();
        else
            Write(dex, json);
    }
}
