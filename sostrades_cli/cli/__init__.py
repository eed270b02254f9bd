"""The command line framework: groups, commands, shared options and completion."""
