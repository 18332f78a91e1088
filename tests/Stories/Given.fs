module Vrlg.Stories.Given
