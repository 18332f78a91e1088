namespace Vrlg.Sim
