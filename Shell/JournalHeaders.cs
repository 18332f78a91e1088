using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Vrlg.Core;
using Vrlg.Sim;

namespace Vrlg.Shell;

/// <summary>The head of a run's journal: from it alone the run can be repeated.</summary>
public static class JournalHeaders
{
    /// <summary>Core and Sim by their module version ids: what a replay must be to be the same program.</summary>
    public static string Build { get; } = IdOf(typeof(Event)) + "-" + IdOf(typeof(QueueModel));

    /// <summary>Of a run with these settings.</summary>
    public static JournalHeader Of(RunSetup setup, long run)
    {
        var text = Setup.text(setup);
        return new JournalHeader(
            Journal.Format,
            1,
            Build,
            Environment.Version.ToString(),
            RuntimeInformation.ProcessArchitecture.ToString(),
            run,
            text,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
            []
        );
    }

    private static string IdOf(Type type) => type.Module.ModuleVersionId.ToString("N")[..16];
}
