using System.Collections.Immutable;
using Vrlg.Adapters;
using Vrlg.Core;
using Vrlg.Sim;

namespace Vrlg.Shell;

/// <summary>
/// Writes a run's journal into segments <c>journal-000001.vj</c>, … of a folder: every event before its step, what the
/// step said after it, a digest of facts and wishes every 4,096 events, the end. One owner, one thread.
/// </summary>
public sealed class JournalWriter : IWatch, IDisposable
{
    private const int FlushAt = 1 << 16;
    private readonly string folder;
    private readonly JournalHeader header;
    private readonly long segmentBytes;
    private readonly ByteSink sink = new();
    private FileStream file;
    private int segment = 1;
    private long written;
    private long events;
    private long commands;
    private ulong digest = Digest.start;
    private bool ended;

    /// <summary>Opens the first segment. The folder must exist and hold none.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="header">What the run is; its segment number is set here.</param>
    /// <param name="segmentBytes">Size at which the next segment begins.</param>
    public JournalWriter(string folder, JournalHeader header, long segmentBytes = 64L << 20)
    {
        this.folder = folder;
        this.header = header;
        this.segmentBytes = segmentBytes;
        file = Open();
    }

    /// <summary>Events written so far.</summary>
    public long Events => events;

    /// <summary>Digest of all output so far.</summary>
    public ulong OutputDigest => digest;

    /// <summary>The name of a segment's file.</summary>
    public static string SegmentName(int segment) => $"journal-{segment:D6}.vj";

    /// <inheritdoc/>
    public void Arrived(in Stamped input)
    {
        Journal.append(sink, in input);
        events++;
        if (sink.Count >= FlushAt)
        {
            Flush();
        }
    }

    /// <inheritdoc/>
    public void Stepped(in Stamped input, in Output output, State state)
    {
        if (!output.IsSilent)
        {
            digest = Digest.output(digest, in output);
            commands += output.Commands.Length;
            Journal.appendOutput(sink, digest, Words.output(in output));
        }

        if (events % Journal.StateEvery == 0)
        {
            Journal.appendState(sink, Digest.state(state));
        }
    }

    /// <inheritdoc/>
    public void Executed(in Event report, ExchangeState exchange) { }

    /// <inheritdoc/>
    public void Beat(Instant at, ExchangeState exchange) { }

    /// <summary>Writes the end of a run that came to its end. A journal without it has lost its tail.</summary>
    public void End(State state)
    {
        Journal.appendEnd(sink, new JournalEnd(events, commands, digest, Digest.state(state)));
        ended = true;
        Flush();
    }

    /// <summary>Writes what is left and closes the segment.</summary>
    public void Dispose()
    {
        try
        {
            if (!ended)
            {
                Flush();
            }
        }
        finally
        {
            file.Dispose();
        }
    }

    private FileStream Open()
    {
        var path = Path.Combine(folder, SegmentName(segment));
        var opened = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1);
        opened.Write(Journal.mark.AsSpan());
        var own = new JournalHeader(
            header.Format,
            segment,
            header.Build,
            header.Runtime,
            header.Processor,
            header.Run,
            header.Setup,
            header.SetupHash,
            header.Facts
        );
        var start = new ByteSink();
        Journal.appendHeader(start, own);
        opened.Write(start.Written);
        written = opened.Length;
        return opened;
    }

    /// <summary>Hands what was written to the operating system: it outlives this process.</summary>
    public void Flush()
    {
        try
        {
            file.Write(sink.Written);
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            // What could not be written is given up, so that closing does not fail once more.
            sink.Clear();
            throw new RunFolderException(
                $"{file.Name}: the journal cannot be written: {FileTrouble.Words(e)}. The run is broken off and its folder "
                    + $"stays marked {RunFolder.Marker}.",
                e
            );
        }

        written += sink.Count;
        sink.Clear();
        if (written >= segmentBytes && !ended)
        {
            file.Dispose();
            segment++;
            file = Open();
        }
    }
}
