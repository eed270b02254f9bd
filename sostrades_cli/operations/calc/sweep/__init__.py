"""Sweeps: set, run and collect a table of cases, then restore the study."""
