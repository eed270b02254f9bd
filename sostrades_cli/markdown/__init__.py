"""Markdown of the server: parsed, with formulas and pictures, as text for a terminal and as HTML."""
