"""The structure of a study: its tree, the couplings of its disciplines, and the order of their execution."""
