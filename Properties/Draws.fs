module Vrlg.Properties.Draws
