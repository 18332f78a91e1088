using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vrlg.Adapters.Hyperliquid;

/// <summary>What the base library does not say of files and of this process on Linux.</summary>
internal static partial class UnixFiles
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicMask = 0x7ff;
    private const int KindMask = 0xf000;
    private const int RegularFile = 0x8000;
    private const int SetDumpable = 4;
    private const int CoreSize = 4;
    private const int StatBytes = 256;

    /// <summary>
    /// Reads a file that nobody but its owner, who is us, may read: a plain file, no symbolic link, mode 0600 or 0400. Null and
    /// a sentence otherwise.
    /// </summary>
    public static byte[]? ReadPrivate(string path, int mostBytes, out string trouble)
    {
        trouble = "";
        try
        {
            var named = Look(CurrentFolder, path, NoFollow);
            if (named is null)
            {
                trouble = $"{path} is not there or cannot be looked at; check the name";
                return null;
            }

            if ((named.Value.Mode & KindMask) != RegularFile)
            {
                trouble = $"{path} is no plain file; a key is not read through a symbolic link or a device";
                return null;
            }

            using var handle = File.OpenHandle(path);
            var opened = Look(handle);
            if (opened is null || opened.Value.Inode != named.Value.Inode || opened.Value.Device != named.Value.Device)
                trouble = $"{path} was changed while it was opened";
            else if (opened.Value.Owner != geteuid())
                trouble = $"{path} belongs to another user; make it yours: chown $USER {path}";
            else if ((opened.Value.Mode & 0x3f) != 0)
                trouble = $"{path} can be read by others (mode {Octal(opened.Value.Mode)}); close it: chmod 600 {path}";
            else if (RandomAccess.GetLength(handle) > mostBytes)
                trouble = $"{path} is larger than {mostBytes} bytes: that is no key";
            if (trouble.Length > 0)
                return null;
            var content = new byte[RandomAccess.GetLength(handle)];
            var read = RandomAccess.Read(handle, content, 0);
            return content[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble = $"{path} cannot be read: {e.Message}";
            return null;
        }
    }

    /// <summary>
    /// No core dump of this process is written, by any program that would take one, and no other process of the same user may look
    /// into its memory or environment. False where the system does not know how.
    /// </summary>
    public static unsafe bool ForbidDumps()
    {
        try
        {
            var none = stackalloc nuint[2];
            none[0] = none[1] = 0;
            return prctl(SetDumpable, 0, 0, 0, 0) == 0 & setrlimit(CoreSize, none) == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>
    /// A variable of the environment, taken out of it: out of what children inherit, and out of the memory in which the process was
    /// given it, where others would find it. Null where there is none.
    /// </summary>
    public static unsafe string? TakeVariable(string name)
    {
        var text = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        try
        {
            for (var there = getenv(name); there is not null && *there != 0; there++)
                *there = (byte)'0';
            _ = unsetenv(name);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // No such library: no such memory either.
        }

        return text;
    }

    /// <summary>Puts the names in a folder on the disk. False where the system does not know how.</summary>
    public static bool FlushFolder(string path)
    {
        try
        {
            var folder = open(path, 0);
            if (folder < 0)
                return false;
            var isFlushed = fsync(folder) == 0;
            _ = close(folder);
            return isFlushed;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static string Octal(int mode) => Convert.ToString(mode & 0xfff, 8).PadLeft(4, '0');

    private static Seen? Look(SafeFileHandle handle)
    {
        var isHeld = false;
        handle.DangerousAddRef(ref isHeld);
        try
        {
            return Look((int)handle.DangerousGetHandle(), "", EmptyPath);
        }
        finally
        {
            if (isHeld)
                handle.DangerousRelease();
        }
    }

    // struct statx is the kernel's own and the same on every architecture: uid at 20, mode at 28, inode at 32, device at 136.
    private static unsafe Seen? Look(int folder, string path, int flags)
    {
        var stat = stackalloc byte[StatBytes];
        if (statx(folder, path, flags, BasicMask, stat) != 0)
            return null;
        var bytes = new ReadOnlySpan<byte>(stat, StatBytes);
        return new Seen(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[136..])
        );
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* into);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc")]
    private static unsafe partial int setrlimit(int what, nuint* limits);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial byte* getenv(string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unsetenv(string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int fsync(int file);

    [LibraryImport("libc")]
    private static partial int close(int file);

    private readonly record struct Seen(uint Owner, int Mode, ulong Inode, ulong Device);
}
