namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>What a value of an action looks like in the form that is hashed.</summary>
internal abstract record ActionShape
{
    private ActionShape() { }

    /// <summary>A text, as sent.</summary>
    public sealed record Text : ActionShape;

    /// <summary>A decimal text; zeros that say nothing are dropped.</summary>
    public sealed record Number : ActionShape;

    /// <summary>A text in hex: lower case.</summary>
    public sealed record HexText : ActionShape;

    /// <summary>A whole number.</summary>
    public sealed record Whole : ActionShape;

    /// <summary>True or false.</summary>
    public sealed record Flag : ActionShape;

    /// <summary>An order's id: a whole number, or a client's id in hex.</summary>
    public sealed record OrderId : ActionShape;

    /// <summary>A text or a map.</summary>
    public sealed record TextOr(Map Otherwise) : ActionShape;

    /// <summary>A value, or nothing that is said.</summary>
    public sealed record OrNull(ActionShape Of) : ActionShape;

    /// <summary>Any number of values.</summary>
    public sealed record List(ActionShape Of) : ActionShape;

    /// <summary>Named values in the order of their hashing.</summary>
    public sealed record Map(params ActionField[] Members) : ActionShape;
}

/// <summary>How a map holds a value.</summary>
internal enum Presence
{
    /// <summary>Always there.</summary>
    Required,

    /// <summary>Left out where absent or null.</summary>
    Optional,

    /// <summary>There when true, left out when false.</summary>
    TrueOnly,
}

/// <summary>A named value of a map.</summary>
internal sealed record ActionField(string Name, ActionShape Form, Presence Presence = Presence.Required)
{
    /// <summary>The name in UTF-8.</summary>
    public byte[] Utf8 { get; } = System.Text.Encoding.UTF8.GetBytes(Name);
}
