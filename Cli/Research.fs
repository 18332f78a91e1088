namespace Vrlg.Cli
