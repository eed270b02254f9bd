"""Search a space for the values that minimize or maximize an output."""
