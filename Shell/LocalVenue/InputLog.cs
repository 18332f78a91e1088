using System.Text;
using System.Text.Json;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// What went into a venue, block by block: one JSON line each, written before the block is executed, without signatures. The
/// first line says how the venue began. Folded again it gives the same venue, which is how one restarts.
/// </summary>
internal sealed class InputLog : IDisposable
{
    private readonly FileStream file;

    private InputLog(FileStream file) => this.file = file;

    /// <summary>
    /// Opens a log and the venue that it tells of, or begins both. Null and a sentence when the file is no such log, is open
    /// elsewhere, or begins otherwise than <paramref name="head"/>. A last line that was cut short never was answered: it is
    /// dropped.
    /// </summary>
    public static InputLog? Open(string path, string head, VenueConfig config, out VenueState state, out string trouble)
    {
        trouble = "";
        state = null!;
        FileStream file;
        try
        {
            // Shared with nobody: two venues that write one log would leave a log of neither.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException) && File.Exists(path))
        {
            trouble = $"{path} cannot be opened; does another venue write it?";
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble =
                $"{path} cannot be written; --state needs a file in a folder that is there and that you may write";
            return null;
        }

        if (file.Length == 0)
        {
            state = Engine.create(config);
            file.Write(Encoding.UTF8.GetBytes(head + $",\"genesis\":{config.Genesis}}}\n"));
            file.Flush();
            return new InputLog(file);
        }

        using var reader = new StreamReader(file, Encoding.UTF8, false, 1 << 16, leaveOpen: true);
        var first = reader.ReadLine() ?? "";
        var mark = first.LastIndexOf(",\"genesis\":", StringComparison.Ordinal);
        if (mark < 0 || first[..mark] != head || !long.TryParse(first.AsSpan(mark + 11).TrimEnd('}'), out var genesis))
        {
            trouble =
                mark >= 0 && LogHead.Difference(first[..mark], head) is { } difference
                    ? $"{path} began with other flags: {difference}. Say the same, or name another file"
                    : $"{path} is no venue's log; name another file";
            file.Dispose();
            return null;
        }

        state = Engine.create(
            new VenueConfig(
                config.Seed,
                config.Scenario,
                config.Speed,
                config.HasLimits,
                config.Funds,
                config.SpotFunds,
                genesis
            )
        );
        var whole = Encoding.UTF8.GetByteCount(first) + 1L;
        while (reader.ReadLine() is { } line)
        {
            var length = Encoding.UTF8.GetByteCount(line) + 1L;
            if (whole + length > file.Length)
                break;
            if (!TryBlock(line, out var block, out var passed))
            {
                trouble =
                    $"{path} holds a line that is no block, at byte {whole}; name another file, or give up all from there on: truncate -s {whole} {path}";
                file.Dispose();
                return null;
            }

            for (var i = 0; i < passed; i++)
                Engine.skip(state);
            _ = Engine.step(state, block);
            whole += length;
        }

        file.SetLength(whole);
        file.Seek(0, SeekOrigin.End);
        return new InputLog(file);
    }

    /// <summary>
    /// Writes a block, whose actions are given as JSON, and how many proposers were passed over before it, and hands it to the
    /// operating system.
    /// </summary>
    public void Append(Block block, JsonElement[] actions, int passed)
    {
        var line = JsonBytes.Of(json => Line(json, block, actions, passed));
        file.Write(line);
        file.WriteByte((byte)'\n');
        file.Flush();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    /// <summary>Reads a line again: a block and how many proposers were passed over before it.</summary>
    public static bool TryBlock(string line, out Block block, out int passed)
    {
        block = null!;
        passed = 0;
        try
        {
            using var read = JsonDocument.Parse(line);
            var root = read.RootElement;
            if (
                !Asked.TryWhole(root, "t", out var time)
                || !Asked.TryOptionalWhole(root, "k", 0, out var skips)
                || skips is < 0 or > 1_000
            )
                return false;
            passed = (int)skips;
            var list = root.GetProperty("a");
            var all = new Submission[list.GetArrayLength()];
            var i = 0;
            foreach (var item in list.EnumerateArray())
            {
                if (!TrySubmission(item, out all[i++]))
                    return false;
            }

            block = new Block(time, all);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (KeyNotFoundException)
        {
            return false;
        }
    }

    private static bool TrySubmission(JsonElement from, out Submission submission)
    {
        submission = null!;
        if (
            !Asked.TryText(from, "s", out var signer)
            || !Asked.TryWhole(from, "n", out var nonce)
            || !Asked.TryOptionalWhole(from, "e", 0, out var expires)
            || !Asked.TryOptionalText(from, "v", out var vault)
            || !Asked.TryFlag(from, "u", out var isUser)
            || !Asked.TryOptionalText(from, "w", out var trouble)
            || !from.TryGetProperty("x", out var action)
            || !Asked.TryText(action, "type", out var kind)
            || !ActionReader.TryRead(action, out var typed)
        )
            return false;
        submission = new Submission(
            signer,
            nonce,
            expires,
            vault.Length == 0 ? null : vault,
            isUser,
            trouble.Length == 0 ? null : trouble,
            kind,
            typed
        );
        return true;
    }

    private static void Line(Utf8JsonWriter json, Block block, JsonElement[] actions, int passed)
    {
        json.WriteStartObject();
        json.WriteNumber("t", block.Time);
        if (passed > 0)
            json.WriteNumber("k", passed);
        json.WriteStartArray("a");
        for (var i = 0; i < actions.Length; i++)
        {
            var q = block.Submissions[i];
            json.WriteStartObject();
            json.WriteString("s", q.Signer);
            json.WriteNumber("n", q.Nonce);
            json.WriteBoolean("u", q.IsUserSigned);
            if (q.Expires > 0)
                json.WriteNumber("e", q.Expires);
            if (q.Vault is { } vault)
                json.WriteString("v", vault);
            if (q.Trouble is { } trouble)
                json.WriteString("w", trouble);
            json.WritePropertyName("x");
            // Written anew: as it was sent it may run over many lines.
            actions[i].WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
