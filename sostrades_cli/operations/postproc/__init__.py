"""Gather, compare and export the charts of studies."""
