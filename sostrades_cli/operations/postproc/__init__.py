"""Gather, compare and export charts."""
