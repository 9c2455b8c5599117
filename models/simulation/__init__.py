"""Long runs on integers: rings of real sizes, packets of a capture, properties asked as the run goes on."""
