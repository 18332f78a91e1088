module Vrlg.Wire.Shared
