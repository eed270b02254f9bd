"""One module per command: the path is the command."""
