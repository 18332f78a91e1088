using System.Collections.Immutable;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>What one action holds, in the order in which the actions of a flush are sent.</summary>
public enum ActionClass
{
    /// <summary>Cancels by our numbers.</summary>
    Cancels,

    /// <summary>Post-only orders, which the venue runs before all that takes (protocol 8.1).</summary>
    Posts,

    /// <summary>
    /// What takes, what may, and stops. Where the real venue ranks a trigger is not known: beside a post-only order it could make that one
    /// wait.
    /// </summary>
    Takes,
}

/// <summary>An order of ours that is to go.</summary>
public readonly record struct Withdrawal(InstrumentId Instrument, Cloid Cloid);

/// <summary>One action of a flush: cancels or orders, never both, all perpetuals or all spot.</summary>
/// <param name="Class">Which.</param>
/// <param name="IsSpot">Of spot pairs: the venue refuses a mix (protocol 10.6).</param>
/// <param name="Cancels">Empty but for cancels.</param>
/// <param name="Orders">Empty for cancels.</param>
public sealed record FlushAction(
    ActionClass Class,
    bool IsSpot,
    ImmutableArray<Withdrawal> Cancels,
    ImmutableArray<NewOrder> Orders
)
{
    /// <summary>Its orders or cancels.</summary>
    public int Count => Cancels.Length + Orders.Length;
}

/// <summary>Commands that go out together, as actions.</summary>
public static class Flush
{
    /// <summary>
    /// At most three actions for perpetuals and three for spot: cancels, post-only orders, all other orders. Inside of each what came
    /// first stands first. What the run does not trade is left out.
    /// </summary>
    public static ImmutableArray<FlushAction> Of(
        IReadOnlyList<Withdrawal> cancels,
        IReadOnlyList<NewOrder> orders,
        TradedAssets assets
    )
    {
        var actions = ImmutableArray.CreateBuilder<FlushAction>(6);
        foreach (var isSpot in (ReadOnlySpan<bool>)[false, true])
        {
            var gone = cancels.Where(c => Is(assets, c.Instrument, isSpot)).ToImmutableArray();
            if (!gone.IsEmpty)
                actions.Add(new FlushAction(ActionClass.Cancels, isSpot, gone, []));
        }

        foreach (var kind in (ReadOnlySpan<ActionClass>)[ActionClass.Posts, ActionClass.Takes])
        {
            foreach (var isSpot in (ReadOnlySpan<bool>)[false, true])
            {
                var placed = orders
                    .Where(o => ClassOf(o) == kind && Is(assets, o.Instrument, isSpot))
                    .ToImmutableArray();
                if (!placed.IsEmpty)
                    actions.Add(new FlushAction(kind, isSpot, [], placed));
            }
        }

        return actions.ToImmutable();
    }

    /// <summary>In which action an order goes.</summary>
    public static ActionClass ClassOf(NewOrder order) =>
        order.Tif == Tif.Alo && !order.IsStop ? ActionClass.Posts : ActionClass.Takes;

    private static bool Is(TradedAssets assets, InstrumentId id, bool isSpot) =>
        assets.TryFind(id, out var asset) && asset.IsSpot == isSpot;
}
