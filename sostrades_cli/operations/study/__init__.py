"""Load, copy and address studies."""
