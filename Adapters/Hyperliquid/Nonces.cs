using System.Globalization;
using System.Text;
using Vrlg.Adapters.Hyperliquid.Signing;

namespace Vrlg.Adapters.Hyperliquid;

/// <summary>
/// Nonces of one signer: milliseconds of the clock, strictly increasing, unique whatever threads ask and whenever the process dies.
/// A high-water mark is written and flushed ahead of use, a thousand at a time; a restart begins above it. The file is locked: a
/// second process with the same signer is refused.
/// </summary>
public sealed class Nonces : IDisposable
{
    /// <summary>So many nonces are reserved by one write.</summary>
    public const int Block = 1_000;

    private const ulong DayMs = 86_400_000;
    private const int MarkBytes = 21;

    private readonly FileStream file;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private ulong last;
    private ulong reserved;

    private Nonces(FileStream file, TimeProvider clock, ulong mark)
    {
        this.file = file;
        this.clock = clock;
        reserved = mark;
        last = mark == 0 ? 0 : mark - 1;
    }

    /// <summary>
    /// Opens the mark of <paramref name="signer"/> in <paramref name="folder"/>, or begins one. Null and a sentence when another
    /// process holds it, it cannot be read, or it lies beyond what the venue would take.
    /// </summary>
    public static Nonces? Open(string folder, Address signer, TimeProvider clock, out string trouble)
    {
        trouble = "";
        var path = Path.Combine(folder, $"nonces-{signer}");
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            Span<byte> text = stackalloc byte[64];
            var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            var said = Encoding.ASCII.GetString(text[..length]).Trim();
            ulong mark = 0;
            if (length > 0 && !ulong.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out mark))
                trouble =
                    $"{path} holds no nonce mark; put the file aside only if no action was signed in the last two days";
            else if (mark > Now(clock) + DayMs)
                trouble = $"{path} marks {mark} as used, more than a day ahead of this clock: set the clock, or wait";
            // A new file is on the disk only when its name is.
            if (length == 0)
                _ = UnixFiles.FlushFolder(folder);
            if (trouble.Length == 0)
                return new Nonces(file, clock, mark);
            file.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            trouble =
                $"the nonces of {signer} cannot be kept in {folder}: {e.Message.TrimEnd('.')}; "
                + "either another process trades with this key, or the folder may not be written";
            return null;
        }
    }

    /// <summary>
    /// The next nonce. False and a sentence, with nothing used, when the mark cannot be written or the next one lies beyond the
    /// venue's window (T - 2 days, T + 1 day).
    /// </summary>
    public bool TryNext(out ulong nonce, out string trouble)
    {
        lock (gate)
        {
            trouble = "";
            var now = Now(clock);
            nonce = Math.Max(now, last + 1);
            if (nonce >= now + DayMs)
            {
                trouble = $"the next nonce {nonce} lies a day ahead of this clock: the venue would refuse it";
                return false;
            }

            if (nonce >= reserved && !TryReserve(nonce + Block, out trouble))
                return false;
            last = nonce;
            return true;
        }
    }

    /// <summary>Lets the mark go.</summary>
    public void Dispose() => file.Dispose();

    private bool TryReserve(ulong mark, out string trouble)
    {
        try
        {
            Span<byte> text = stackalloc byte[MarkBytes];
            mark.TryFormat(text, out _, "D20", CultureInfo.InvariantCulture);
            text[^1] = (byte)'\n';
            RandomAccess.Write(file.SafeFileHandle, text, 0);
            RandomAccess.FlushToDisk(file.SafeFileHandle);
            reserved = mark;
            trouble = "";
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            trouble = $"the nonce mark cannot be written: {e.Message}; nothing is signed without it";
            return false;
        }
    }

    private static ulong Now(TimeProvider clock) => (ulong)Math.Max(0, clock.GetUtcNow().ToUnixTimeMilliseconds());
}
