using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Wire;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>The explorer's connection: blocks as events.</summary>
internal sealed class BlockStream : ILinkUser
{
    private readonly FeedVoice voice;
    private readonly BlockFrames blocks;
    private readonly Action<string> say;
    private readonly PlannedChannel plan = FeedPlan.Blocks[0].Plan;
    private readonly string name = FeedPlan.Blocks[0].Link.Channel.Name;
    private readonly EventBatch batch = new();

    public BlockStream(
        FeedOptions options,
        FeedRules rules,
        LinkMeans means,
        Lock gate,
        FeedVoice voice,
        BlockFrames blocks,
        Action<string> say
    )
    {
        this.voice = voice;
        this.blocks = blocks;
        this.say = say;
        Link = new FeedLink("blocks", options.Network.Explorer, rules, [FeedPlan.Blocks[0].Link], means, gate, this);
    }

    public FeedLink Link { get; }

    public bool Read(ReadOnlyMemory<byte> frame)
    {
        // Blocks have no envelope.
        if (frame.Length == 0 || frame.Span[0] != (byte)'[')
            return false;
        if (blocks.Read(frame, batch, out var error) == FrameOutcome.Other)
        {
            if (error is not null)
                Link.Misread(error);
            return true;
        }

        Link.Heard(name);
        voice.Heard(batch.Events);
        voice.Tell(batch.Events);
        return true;
    }

    public void Take(StreamMessage message) { }

    public void Answered(PostReply reply) { }

    public void TurnedAway(long id) { }

    public void Lived() { }

    public void Lost(string? channel, string why)
    {
        say($"blocks: lost: {why}");
        voice.Lost(plan, plan.Cause);
    }

    public void Back(string channel) => voice.Back(plan, plan.Cause);

    public void Down(string why) => voice.Lost(plan, plan.Cause);

    public void Ticked() { }

    public void Arrived(DateTimeOffset? at) => voice.Arrival = at;

    public void Say(string sentence) => say(sentence);
}
