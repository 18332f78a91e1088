namespace Vrlg.Shell.Report;

/// <summary>
/// Of every gate how often it kept the run out, and by how much it fell short of opening when it was the first to say no.
/// A run folder written before these figures existed has no such table.
/// </summary>
internal static class GateTable
{
    /// <summary>The table; empty where the summary has no gates.</summary>
    public static string Of(RunSummary s)
    {
        var gates = s.Numbers("gates");
        if (gates.IsEmpty)
            return "";
        var text = Sections.Head(
            "Gates: how often each was shut, was the first to say no, and alone; by how much it fell short of opening",
            ["Gate", "Shut", "First", "Short by, mean", "Least", "Alone", "Least when alone"]
        );
        foreach (var (gate, _) in gates)
        {
            var unit = s.Text("gates", gate, "unit") ?? "";
            string? Count(string key) => Sections.Or(s.Number("gates", gate, key), Figure.Count);
            string? By(string key) => Sections.Or(s.Number("gates", gate, key), v => Distance(v, unit));
            text.Append("<tr><th scope=\"row\">").Append(Meaning.Cell(gate)).Append("</th>");
            foreach (
                var cell in new[]
                {
                    Count("shut"),
                    Count("first"),
                    By("short_mean"),
                    By("short_least"),
                    Count("alone"),
                    By("short_least_alone"),
                }
            )
                text.Append("<td class=\"n\">").Append(Figure.Safe(cell ?? "-")).Append("</td>");
            text.Append("</tr>");
        }

        return text.Append("</tbody></table></div>").ToString();
    }

    private static string Distance(decimal value, string unit) =>
        unit switch
        {
            "share" => Figure.Percent(value),
            "" => Figure.Plain(decimal.Round(value, 4)),
            "ticks" when value == 1 => "1 tick",
            _ => Figure.With(decimal.Round(value, 3), unit),
        };
}
