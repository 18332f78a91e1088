namespace Vrlg.Adapters;

/// <summary>Where this assembly is found.</summary>
public static class AdaptersAssembly;
