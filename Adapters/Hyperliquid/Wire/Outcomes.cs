using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A side of an outcome.</summary>
public sealed record OutcomeSide(string Name, int? Token)
{
    internal static OutcomeSide Read(JsonElement of, WireReader read) =>
        new(read.Text(of, "name"), read.OptionalCount(of, "token"));

    internal static void Write(OutcomeSide side, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("name", side.Name);
        json.PutAny("token", side.Token);
        json.WriteEndObject();
    }
}

/// <summary>Something that may come to be, whose sides are traded as tokens.</summary>
public sealed record Outcome(long Id, string Name, string Description, Rows<OutcomeSide> Sides)
{
    internal static Outcome Read(JsonElement of, WireReader read) =>
        new(
            read.Natural(of, "outcome"),
            read.Text(of, "name"),
            read.Text(of, "description"),
            read.Rows(of, "sideSpecs", OutcomeSide.Read)
        );

    internal static void Write(Outcome outcome, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("outcome", outcome.Id);
        json.Put("name", outcome.Name);
        json.Put("description", outcome.Description);
        json.PutRows("sideSpecs", outcome.Sides, OutcomeSide.Write);
        json.WriteEndObject();
    }
}

/// <summary>A question that several outcomes answer.</summary>
public sealed record Question(long Id, string Name, string Description)
{
    internal static Question Read(JsonElement of, WireReader read) =>
        new(read.Natural(of, "question"), read.Text(of, "name"), read.Text(of, "description"));

    internal static void Write(Question question, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("question", question.Id);
        json.Put("name", question.Name);
        json.Put("description", question.Description);
        json.WriteEndObject();
    }
}

/// <summary>Something that became of outcomes or questions.</summary>
/// <param name="Kind"><c>outcomeCreated</c>, <c>outcomeSettled</c>, <c>questionUpdated</c> or <c>questionSettled</c>.</param>
/// <param name="What">JSON that is carried and not read: what it holds is not described.</param>
public sealed record OutcomeNews(string Kind, string What)
{
    internal static OutcomeNews Read(JsonElement of, WireReader read)
    {
        foreach (var member in read.ObjectOf(of, "updates").EnumerateObject())
            return new(member.Name, RawJson.Of(member.Value));
        throw read.Fault("updates", "holds an update of nothing");
    }

    internal static void Write(OutcomeNews news, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName(news.Kind);
        json.WriteRawValue(news.What);
        json.WriteEndObject();
    }
}

/// <summary>Outcomes and questions; clients want both lists to be there.</summary>
public sealed record OutcomeMeta(Rows<Outcome> Outcomes, Rows<Question> Questions)
{
    internal static OutcomeMeta Read(JsonElement of, WireReader read) =>
        new(read.Rows(of, "outcomes", Outcome.Read), read.Rows(of, "questions", Question.Read));

    internal static void Write(OutcomeMeta meta, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.PutRows("outcomes", meta.Outcomes, Outcome.Write);
        json.PutRows("questions", meta.Questions, Question.Write);
        json.WriteEndObject();
    }
}
