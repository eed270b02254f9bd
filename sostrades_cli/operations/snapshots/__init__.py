"""Studies as files: taken from a server, written to a folder, read, compared, applied."""
