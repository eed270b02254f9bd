"""The history of changes: recording, undoing and restoring them."""
