namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// Where an action is written: as MessagePack for the hash, as JSON for the request. One walk over an action serves both, so
/// that what is signed is what is sent.
/// </summary>
internal interface IWireSink
{
    /// <summary>Begins a map of <paramref name="count"/> keys, each written by <see cref="Text"/> before its value.</summary>
    void Map(int count);

    /// <summary>Ends the map begun last.</summary>
    void EndMap();

    /// <summary>Begins an array of <paramref name="count"/> values.</summary>
    void Array(int count);

    /// <summary>Ends the array begun last.</summary>
    void EndArray();

    /// <summary>The name of the next value of a map, in UTF-8.</summary>
    void Key(ReadOnlySpan<byte> name);

    /// <summary>A text in UTF-8.</summary>
    void Text(ReadOnlySpan<byte> value);

    /// <summary>A whole number.</summary>
    void Whole(Int128 value);

    /// <summary>True or false.</summary>
    void Flag(bool value);

    /// <summary>Nothing, said.</summary>
    void Null();
}
