"""Check many small facts in one test, which reports every fact that fails."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Item = TypeVar("Item")


def failures(check: Callable[[Item], None], items: Iterable[Item], name: Callable[[Item], str]) -> list[str]:
    """Check each item and return a text for each failure: its name, the line of the test, the difference."""
    result = []
    for item in items:
        try:
            check(item)
        except AssertionError as error:
            line = traceback.extract_tb(error.__traceback__)[-1]
            result.append(f"{name(item)}: line {line.lineno}: {line.line}\n{error}")
    return result
