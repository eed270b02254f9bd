"""Reading JSON and TOML, whoever wrote it: nothing is nested deeper than all that works on it can follow."""

from __future__ import annotations

import json
from typing import Any, Final

# Values of parameters and plotly's figures nest a dozen deep; Python's own functions reach a few hundred.
MOST_NESTED: Final = 100


def from_json(text: str | bytes, **how: Any) -> Any:  # noqa: ANN401 - json's own, and a document of any shape
    """Return what a JSON text holds; ``how`` is for ``json.loads``.

    Raises
    ------
    ValueError
        It is no JSON, or nested too deeply.

    """
    try:
        return _followed(json.loads(text, **how))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def from_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises
    ------
    ValueError
        It is no TOML, or nested too deeply.

    """
    import tomllib  # noqa: PLC0415 - start-up: in CI there is no such file

    try:
        found: dict[str, Any] = _followed(tomllib.loads(text))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return found


def _followed(value: Any) -> Any:  # noqa: ANN401 - a document of any shape
    """Return a value, level by level looked through without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MOST_NESTED):
        if not level:
            return value
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
    raise ValueError(f"nested more than {MOST_NESTED} deep")
