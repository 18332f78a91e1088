namespace Vrlg.Core
