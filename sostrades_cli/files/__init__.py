"""Files on disk: atomic writes, safe folders, locks, temporary files."""
