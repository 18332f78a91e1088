using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>An order that the venue cancelled by itself.</summary>
public sealed record NonUserCancel(string Coin, long Oid)
{
    internal static NonUserCancel Read(JsonElement of, WireReader read) =>
        new(read.Text(of, "coin"), read.Natural(of, "oid"));

    internal static void Write(NonUserCancel cancel, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", cancel.Coin);
        json.Put("oid", cancel.Oid);
        json.WriteEndObject();
    }
}

/// <summary>A liquidation that an account took part in.</summary>
public sealed record LiquidationNews(
    long Id,
    string Liquidator,
    string LiquidatedUser,
    Numeral LiquidatedNtl,
    Numeral LiquidatedValue
)
{
    internal static LiquidationNews Read(JsonElement of, WireReader read) =>
        new(
            read.Natural(of, "lid"),
            read.Text(of, "liquidator"),
            read.Text(of, "liquidated_user"),
            read.Numeral(of, "liquidated_ntl_pos"),
            read.Numeral(of, "liquidated_account_value")
        );

    internal static void Write(LiquidationNews news, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("lid", news.Id);
        json.Put("liquidator", news.Liquidator);
        json.Put("liquidated_user", news.LiquidatedUser);
        json.Put("liquidated_ntl_pos", news.LiquidatedNtl);
        json.Put("liquidated_account_value", news.LiquidatedValue);
        json.WriteEndObject();
    }
}

/// <summary>One message of channel <c>user</c> (subscription <c>userEvents</c>).</summary>
public abstract record UserNews
{
    private UserNews() { }

    /// <summary>Fills of one block.</summary>
    public sealed record Fills(Rows<UserFill> Rows) : UserNews;

    /// <summary>A funding payment.</summary>
    public sealed record Funding(UserFunding Row) : UserNews;

    /// <summary>A liquidation.</summary>
    public sealed record Liquidated(LiquidationNews News) : UserNews;

    /// <summary>Orders that the venue cancelled by itself.</summary>
    public sealed record Cancelled(Rows<NonUserCancel> Rows) : UserNews;

    /// <summary>Slices of TWAPs, whose fills come as <see cref="Fills"/> too.</summary>
    public sealed record Slices(Rows<TwapSliceFill> Rows) : UserNews;

    /// <summary>What became of TWAPs.</summary>
    public sealed record Twaps(Rows<TwapRow> Rows) : UserNews;

    /// <summary>Something that is not read.</summary>
    public sealed record Other(string Member) : UserNews;

    internal static UserNews Read(JsonElement of, WireReader read)
    {
        if (WireReader.TryMember(of, "fills", out _))
            return new Fills(read.Rows(of, "fills", UserFill.Read));
        if (WireReader.TryMember(of, "funding", out var funding))
            return new Funding(UserFunding.ReadFlat(funding, read));
        if (WireReader.TryMember(of, "liquidation", out var liquidation))
            return new Liquidated(LiquidationNews.Read(liquidation, read));
        if (WireReader.TryMember(of, "nonUserCancel", out _))
            return new Cancelled(read.Rows(of, "nonUserCancel", NonUserCancel.Read));
        if (WireReader.TryMember(of, "twapSliceFills", out _))
            return new Slices(read.Rows(of, "twapSliceFills", TwapSliceFill.Read));
        if (WireReader.TryMember(of, "twapHistory", out _))
            return new Twaps(read.Rows(of, "twapHistory", TwapRow.Read));
        foreach (var member in read.ObjectOf(of, "data").EnumerateObject())
            return new Other(member.Name);
        throw read.Fault("fills", "is missing, and nothing else is there");
    }

    internal static void Write(UserNews news, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        switch (news)
        {
            case Fills fills:
                json.PutRows("fills", fills.Rows, UserFill.Write);
                break;
            case Funding funding:
                json.WritePropertyName("funding");
                UserFunding.WriteFlat(funding.Row, json);
                break;
            case Liquidated liquidated:
                json.WritePropertyName("liquidation");
                LiquidationNews.Write(liquidated.News, json);
                break;
            case Cancelled cancelled:
                json.PutRows("nonUserCancel", cancelled.Rows, NonUserCancel.Write);
                break;
            case Slices slices:
                json.PutRows("twapSliceFills", slices.Rows, TwapSliceFill.Write);
                break;
            case Twaps twaps:
                json.PutRows("twapHistory", twaps.Rows, TwapRow.Write);
                break;
            case Other other:
                json.WriteNull(other.Member);
                break;
            default:
                break;
        }

        json.WriteEndObject();
    }
}
