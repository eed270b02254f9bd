"""The command line for SoSTrades servers."""

__version__ = "0.1.0"
