"""What a user sees: results, one renderer, a small writer per format, notes, live views. No HTTP."""
