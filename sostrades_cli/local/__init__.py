"""Files that the tool keeps: settings, the key, the cache and the journal."""
