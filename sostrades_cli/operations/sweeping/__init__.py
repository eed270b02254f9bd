"""Sweeps: a table of cases, each set, run and collected; the study's own values put back at the end."""
