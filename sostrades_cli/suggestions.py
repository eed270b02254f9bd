"""Suggestions for misspelt names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(name: str, known: Iterable[str], most: int = 1, *, alike: float = 0.6) -> list[str]:
    """Return the known names most similar to a name, ignoring case, the closest first; ``alike`` is from 0 to 1."""
    from difflib import get_close_matches  # for typing errors only

    # Reversed, so that of names that differ only in case the first is kept.
    by_folded = {candidate.casefold(): candidate for candidate in reversed(list(known))}
    return [by_folded[folded] for folded in get_close_matches(name.casefold(), by_folded, most, alike)]
