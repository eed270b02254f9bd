"""How a study is named on a command line: by its number, by a link to its page, or by an alias."""

from __future__ import annotations

import re
from typing import Final

_ID: Final = re.compile(r"[0-9]{1,40}", re.ASCII)
_LINK: Final = re.compile(r"https?://[^/\s]+/(?:.*/)?study(?:-case)?/(?:[a-z-]+/)?([0-9]{1,40})(?:[/?#].*)?", re.ASCII)
# An alias begins with a letter, so that no number and no path is one.
ALIAS_RULE: Final = "a letter, then letters, digits and _ . -, for example dice"
_ALIAS: Final = re.compile(r"[^\W\d_][\w.-]{0,63}")


def number_of(text: str) -> int | None:
    """Return the number that a text gives, alone or in a link; ``None`` where it gives none."""
    linked = _LINK.fullmatch(text)
    number = linked.group(1) if linked else text
    return int(number) if _ID.fullmatch(number) and int(number) > 0 else None


def is_link(text: str) -> bool:
    """Tell whether a text is a link to the page of a study."""
    return _LINK.fullmatch(text) is not None


def is_alias(text: str) -> bool:
    """Tell whether a text can be an alias."""
    return _ALIAS.fullmatch(text) is not None
