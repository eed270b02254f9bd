"""Plotly figures: reading them, turning them into tables, showing them offline."""
