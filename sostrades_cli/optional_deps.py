"""Optional parts of the distribution."""

from __future__ import annotations

from importlib.util import find_spec

from sostrades_cli.errors import ExtraMissing


def require(module: str, *, extra: str) -> None:
    """Make sure that a module of an extra is installed.

    Raises
    ------
    ExtraMissing
        It is not; the message has the command that installs it.

    """
    if find_spec(module) is None:
        raise ExtraMissing(
            f"this needs the extra {extra!r}, which is not installed",
            hint=f"pip install 'sostrades[{extra}]', or from a clone: pip install '.[{extra}]'",
        )
