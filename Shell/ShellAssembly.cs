namespace Vrlg.Shell;

/// <summary>Where this assembly is found.</summary>
public static class ShellAssembly;
