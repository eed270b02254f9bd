"""Plotly figures: parsing, conversion into tables, and offline display."""
