"""One blueprint per subject of the API."""
