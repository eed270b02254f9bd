"""Run sweeps: set, run and collect each case of a table, then restore the study."""
