"""The command line for SoSTrades servers."""

from sostrades_cli.version import __version__

__all__ = ["__version__"]
