"""Tables of a study as CSV: encoded for an upload, and compared with a download."""
