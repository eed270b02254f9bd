"""Studies as folders: capture, export, compare and apply them."""
