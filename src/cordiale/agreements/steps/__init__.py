"""The twelve steps of the gate, one file each, in order."""
