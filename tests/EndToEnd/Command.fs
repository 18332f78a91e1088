module Vrlg.EndToEnd.Command
