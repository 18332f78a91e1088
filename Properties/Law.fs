module Vrlg.Properties.Law
