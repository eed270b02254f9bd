"""HTTP and the server's JSON: one module per subject of the API. No click, no rich."""
