using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A list that never changes and is equal to another with equal rows. The default is empty.</summary>
[CollectionBuilder(typeof(Rows), nameof(Rows.Of))]
public readonly struct Rows<T> : IReadOnlyList<T>, IEquatable<Rows<T>>
{
    private readonly ImmutableArray<T> items;

    internal Rows(ImmutableArray<T> items) => this.items = items;

    private ImmutableArray<T> Items => items.IsDefault ? [] : items;

    /// <inheritdoc/>
    public int Count => Items.Length;

    /// <inheritdoc/>
    public T this[int index] => Items[index];

    /// <inheritdoc/>
    public bool Equals(Rows<T> other) => Items.AsSpan().SequenceEqual(other.Items.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Rows<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Count == 0 ? 0 : HashCode.Combine(Count, Items[0]);

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Equal rows.</summary>
    public static bool operator ==(Rows<T> left, Rows<T> right) => left.Equals(right);

    /// <summary>Other rows.</summary>
    public static bool operator !=(Rows<T> left, Rows<T> right) => !left.Equals(right);
}

/// <summary>Makes rows.</summary>
public static class Rows
{
    /// <summary>A copy of what is there.</summary>
    public static Rows<T> Of<T>(ReadOnlySpan<T> items) => new(items.ToImmutableArray());

    /// <summary>A copy of what is there.</summary>
    public static Rows<T> From<T>(IEnumerable<T> items) => new([.. items]);
}
