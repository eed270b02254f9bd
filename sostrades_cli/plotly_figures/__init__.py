"""Parse plotly figures, convert them to tables, and show them offline."""
