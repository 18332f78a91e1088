using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>Why a channel of an instrument cannot be believed; several may hold at once.</summary>
[Flags]
public enum LossCause
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>Its connection is gone, or it is silent for too long.</summary>
    Feed = 1,

    /// <summary>The second of two feeds of the same channel, likewise.</summary>
    SecondFeed = 2,

    /// <summary>The best quote and the book contradict each other.</summary>
    Contradiction = 4,
}

/// <summary>What a change of causes is to be told as.</summary>
public enum LossWord
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Lost.</summary>
    Lost,

    /// <summary>Back.</summary>
    Back,
}

/// <summary>
/// Which channels are lost, by instrument; instrument -1 stands for all. The first cause is told as a loss, the end of the last as a
/// return; a channel that was never told as lost is never told as back. Belongs to one thread at a time.
/// </summary>
public sealed class LossBook
{
    private readonly Dictionary<(Channel Channel, int Instrument), LossCause> causes = [];

    /// <summary>Lost for some cause.</summary>
    public bool IsLost(Channel channel, InstrumentId instrument) =>
        causes.GetValueOrDefault((channel, instrument.Index)) != LossCause.None;

    /// <summary>A cause holds.</summary>
    public LossWord Lost(Channel channel, InstrumentId instrument, LossCause cause)
    {
        var was = causes.GetValueOrDefault((channel, instrument.Index));
        causes[(channel, instrument.Index)] = was | cause;
        return was == LossCause.None && cause != LossCause.None ? LossWord.Lost : LossWord.None;
    }

    /// <summary>A cause holds no longer.</summary>
    public LossWord Back(Channel channel, InstrumentId instrument, LossCause cause)
    {
        var was = causes.GetValueOrDefault((channel, instrument.Index));
        var now = was & ~cause;
        causes[(channel, instrument.Index)] = now;
        return was != LossCause.None && now == LossCause.None ? LossWord.Back : LossWord.None;
    }
}
