"""What may have been meant by a name that there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(name: str, known: Iterable[str], most: int = 1, *, alike: float = 0.6) -> list[str]:
    """Return the known names that are spelt most like one in any case, the closest first; ``alike`` is from 0 to 1."""
    from difflib import get_close_matches  # noqa: PLC0415 - start-up: for what is misspelt only

    by_folded = {one.casefold(): one for one in reversed(list(known))}
    return [by_folded[one] for one in get_close_matches(name.casefold(), by_folded, most, alike)]
