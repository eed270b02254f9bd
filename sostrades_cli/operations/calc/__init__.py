"""Start, watch and sweep calculations."""
