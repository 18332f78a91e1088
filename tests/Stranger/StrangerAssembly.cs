namespace Vrlg.Stranger;

/// <summary>Where this assembly is found.</summary>
public static class StrangerAssembly;
