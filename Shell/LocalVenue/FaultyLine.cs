using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What a connection is sent, with the faults that strike it.</summary>
/// <param name="faults">What strikes.</param>
/// <param name="queue">Has a frame sent, so many milliseconds from now at the earliest.</param>
/// <param name="cut">Ends the connection at once.</param>
internal sealed class FaultyLine(FaultBox faults, Action<byte[], long> queue, Action<string> cut)
{
    private readonly Lock gate = new();
    private byte[]? held;

    /// <summary>Nothing comes or is heard any more.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Sends a frame, or what a fault makes of it.</summary>
    public void Send(byte[] frame)
    {
        lock (gate)
        {
            if (IsSilent)
                return;
            var fault = faults.Strike(FaultPlace.Frame, Frames.ChannelOf(frame));
            switch (fault?.Kind)
            {
                case FaultKind.Drop:
                    return;
                case FaultKind.Disconnect:
                    cut("cut by a fault");
                    return;
                case FaultKind.HalfOpen:
                    IsSilent = true;
                    return;
                case FaultKind.Reorder when held is null:
                    held = frame;
                    return;
            }

            queue(frame, fault?.Kind == FaultKind.Delay ? fault.DelayMs : 0);
            if (fault?.Kind == FaultKind.Duplicate)
                queue(frame, 0);
            if (held is { } late)
            {
                held = null;
                queue(late, 0);
            }
        }
    }
}
