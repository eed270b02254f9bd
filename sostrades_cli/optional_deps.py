"""Checks for optional dependencies."""

from __future__ import annotations

from importlib.util import find_spec

from sostrades_cli.errors import ExtraMissing


def require(module: str, *, extra: str) -> None:
    """Raise an error if a module of an extra is not installed.

    Raises
    ------
    ExtraMissing
        The module is missing; the message has the command to install it.

    """
    if find_spec(module) is None:
        raise ExtraMissing(
            f"this needs the extra {extra!r}, which is not installed",
            hint=f"pip install 'sostrades[{extra}]', or from a clone: pip install '.[{extra}]'",
        )
