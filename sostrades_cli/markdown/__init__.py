"""Parse Markdown of the server, with formulas and pictures, and convert it to text and HTML."""
