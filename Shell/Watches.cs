using Vrlg.Core;
using Vrlg.Sim;

namespace Vrlg.Shell;

/// <summary>Two who look at one run, the first first.</summary>
public sealed class Watches(IWatch first, IWatch second) : IWatch
{
    /// <inheritdoc/>
    public void Arrived(in Stamped input)
    {
        first.Arrived(in input);
        second.Arrived(in input);
    }

    /// <inheritdoc/>
    public void Stepped(in Stamped input, in Output output, State state)
    {
        first.Stepped(in input, in output, state);
        second.Stepped(in input, in output, state);
    }

    /// <inheritdoc/>
    public void Executed(in Event report, ExchangeState exchange)
    {
        first.Executed(in report, exchange);
        second.Executed(in report, exchange);
    }

    /// <inheritdoc/>
    public void Beat(Instant at, ExchangeState exchange)
    {
        first.Beat(at, exchange);
        second.Beat(at, exchange);
    }
}
