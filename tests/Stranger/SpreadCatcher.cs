using System.Collections.Immutable;
using Vrlg.Core;

namespace Vrlg.Stranger;

/// <summary>
/// A strategy of somebody who writes C# and knows only the public face of the core: it rests a bid and an ask at the best
/// quotes while the spread is wide, and leaves by a cross when it holds something at the next heartbeat.
/// </summary>
public sealed class SpreadCatcher(InstrumentId instrument, int leastTicks, Sz size, long beats = 0) : IStrategy, IGauged
{
    private Slot Bid => new(instrument, Side.Buy, 0);
    private Slot Ask => new(instrument, Side.Sell, 0);

    /// <inheritdoc/>
    public string Name => "spread catcher";

    /// <inheritdoc/>
    public ImmutableArray<(string, double)> Gauges => [("beats", beats)];

    /// <inheritdoc/>
    public (IStrategy, ImmutableArray<Intent>) Next(View view, in Event @event)
    {
        if (@event.Kind != EventKind.Ticked)
            return (this, []);
        var next = new SpreadCatcher(instrument, leastTicks, size, beats + 1);
        var touch = view.Touch(instrument);
        if (!touch.IsWhole)
            return (next, []);
        return (next, view.Position(instrument).IsZero ? Enter(view, touch) : Leave(view, touch));
    }

    private ImmutableArray<Intent> Enter(View view, Touch touch)
    {
        var feature = view.Feature(instrument);
        if (feature.IsValueNone || feature.Value.SpreadTicks < leastTicks)
            return [Intent.NewPull(Bid), Intent.NewPull(Ask)];
        var until = QuoteTerms.Until(view.Now + Duration.OfMs(1_000));
        return [Intent.NewQuote(Bid, touch.BidPx, size, until), Intent.NewQuote(Ask, touch.AskPx, size, until)];
    }

    private ImmutableArray<Intent> Leave(View view, Touch touch)
    {
        var held = view.Position(instrument);
        var isLong = held.Raw > 0;
        var exit = new Slot(instrument, isLong ? Side.Sell : Side.Buy, 1);
        if (!view.Slot(exit).IsEmpty)
            return [];
        var limit = isLong ? touch.BidPx : touch.AskPx;
        return [Intent.NewPull(Bid), Intent.NewPull(Ask), Intent.NewTake(exit, held.Abs, limit, true)];
    }
}
