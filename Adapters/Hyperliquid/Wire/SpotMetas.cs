using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A spot pair: its asset number is 10000 and its index.</summary>
public sealed record SpotPair(string Name, int BaseToken, int QuoteToken, int Index, bool IsCanonical)
{
    internal static SpotPair Read(JsonElement of, WireReader read)
    {
        var (first, second) = read.PairOf(read.Member(of, "tokens"), "tokens");
        return new(
            read.Text(of, "name"),
            read.CountOf(first, "tokens"),
            read.CountOf(second, "tokens"),
            read.Count(of, "index"),
            read.Flag(of, "isCanonical")
        );
    }

    internal static void Write(SpotPair pair, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("tokens");
        json.WriteNumberValue(pair.BaseToken);
        json.WriteNumberValue(pair.QuoteToken);
        json.WriteEndArray();
        json.Put("name", pair.Name);
        json.Put("index", pair.Index);
        json.Put("isCanonical", pair.IsCanonical);
        json.WriteEndObject();
    }
}

/// <summary>A spot token.</summary>
/// <param name="Name">Of the token.</param>
/// <param name="SzDecimals">Decimals of a size of a pair whose base it is.</param>
/// <param name="WeiDecimals">Decimals of a balance.</param>
/// <param name="Index">Its number.</param>
/// <param name="TokenId"><c>0x</c> and 32 hex digits.</param>
/// <param name="IsCanonical">The venue's own list has it.</param>
/// <param name="FullName">Where it has one.</param>
/// <param name="EvmContract">The address of its contract, where there is one.</param>
/// <param name="EvmExtraWeiDecimals">Decimals that the contract has more.</param>
public sealed record SpotToken(
    string Name,
    int SzDecimals,
    int WeiDecimals,
    int Index,
    string TokenId,
    bool IsCanonical,
    string? FullName,
    string? EvmContract,
    long EvmExtraWeiDecimals
)
{
    internal static SpotToken Read(JsonElement of, WireReader read)
    {
        var isContract = WireReader.TryMember(of, "evmContract", out var contract);
        return new(
            read.Text(of, "name"),
            read.Count(of, "szDecimals"),
            read.Count(of, "weiDecimals"),
            read.Count(of, "index"),
            read.Text(of, "tokenId"),
            read.Flag(of, "isCanonical"),
            read.OptionalText(of, "fullName"),
            isContract ? read.Text(contract, "address") : null,
            isContract ? read.Whole(contract, "evm_extra_wei_decimals") : 0
        );
    }

    internal static void Write(SpotToken token, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("name", token.Name);
        json.Put("szDecimals", token.SzDecimals);
        json.Put("weiDecimals", token.WeiDecimals);
        json.Put("index", token.Index);
        json.Put("tokenId", token.TokenId);
        json.Put("isCanonical", token.IsCanonical);
        if (token.EvmContract is { } contract)
        {
            json.WriteStartObject("evmContract");
            json.Put("address", contract);
            json.Put("evm_extra_wei_decimals", token.EvmExtraWeiDecimals);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("evmContract");
        }

        json.PutOrNull("fullName", token.FullName);
        json.WriteEndObject();
    }
}

/// <summary>Spot pairs and tokens: both are found by their number, not by their place.</summary>
public sealed record SpotMeta(Rows<SpotPair> Universe, Rows<SpotToken> Tokens)
{
    internal static SpotMeta Read(JsonElement of, WireReader read) =>
        new(read.Rows(of, "universe", SpotPair.Read), read.Rows(of, "tokens", SpotToken.Read));

    internal static void Write(SpotMeta meta, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.PutRows("universe", meta.Universe, SpotPair.Write);
        json.PutRows("tokens", meta.Tokens, SpotToken.Write);
        json.WriteEndObject();
    }
}

/// <summary>Facts of one token.</summary>
public sealed record TokenDetails(
    string Name,
    Numeral MaxSupply,
    Numeral TotalSupply,
    Numeral CirculatingSupply,
    int SzDecimals,
    int WeiDecimals,
    Numeral? MidPx,
    Numeral? MarkPx,
    Numeral? PrevDayPx,
    string? Deployer
)
{
    internal static TokenDetails Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "name"),
            read.Numeral(of, "maxSupply"),
            read.Numeral(of, "totalSupply"),
            read.Numeral(of, "circulatingSupply"),
            read.Count(of, "szDecimals"),
            read.Count(of, "weiDecimals"),
            read.OptionalNumeral(of, "midPx"),
            read.OptionalNumeral(of, "markPx"),
            read.OptionalNumeral(of, "prevDayPx"),
            read.OptionalText(of, "deployer")
        );

    internal static void Write(TokenDetails token, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("name", token.Name);
        json.Put("maxSupply", token.MaxSupply);
        json.Put("totalSupply", token.TotalSupply);
        json.Put("circulatingSupply", token.CirculatingSupply);
        json.Put("szDecimals", token.SzDecimals);
        json.Put("weiDecimals", token.WeiDecimals);
        json.PutOrNull("midPx", token.MidPx);
        json.PutOrNull("markPx", token.MarkPx);
        json.PutOrNull("prevDayPx", token.PrevDayPx);
        json.WriteNull("genesis");
        json.PutOrNull("deployer", token.Deployer);
        json.WriteNull("deployGas");
        json.WriteNull("deployTime");
        json.WriteEndObject();
    }
}
