"""What refers to a study: its number, an alias, its web page, and its name in front of the keys of its parameters."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# An alias begins with a letter, so that no number and no path is one.
ALIAS_RULE: Final = "a letter, then letters, digits and _ . -, for example dice"
_ALIAS: Final = r"[^\W\d_][\w.-]{0,63}"

_MOST_DIGITS: Final = 40


def study_id(text: str) -> int | None:
    """Return the number of a study that a text of digits gives, or ``None``."""
    digits = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    # 0 is not a number of a study.
    return int(text) or None if digits else None


def is_alias(text: str) -> bool:
    """Return whether a text can be an alias."""
    return re.fullmatch(_ALIAS, text) is not None


def is_web_address(url: str) -> bool:
    """Return whether a link of the server is one for a browser; it could also name a local file or a script.

    Without a configured address of its web pages, the server sends ``study/21``.
    """
    return url.startswith(("https://", "http://"))


def possible_names(keys: Iterable[str]) -> list[str]:
    """Return the names that a study with these full names of parameters can have, the shortest first.

    A study's own name is in front of every key. It may hold dots, and its root need not have a parameter, so every
    run of leading parts that all keys share is possible: ``pair.SellarCoupling.x`` alone is of ``pair`` or of
    ``pair.SellarCoupling``. A name ends before the last part of a key.
    """
    shared = os.path.commonprefix(list(keys))  # noqa: RUF071 - these are names, not paths, and are cut at dots below
    return [shared[:at] for at, letter in enumerate(shared) if letter == "." and at]


def certain_name(known: str, keys: Iterable[str]) -> str:
    """Return a study's own name if ``known`` is possible with these keys or they leave one choice, else ""."""
    possible = possible_names(keys)
    if known in possible:
        return known
    return possible[0] if len(possible) == 1 else ""


def likely_name(known: str, keys: Iterable[str]) -> str:
    """Return a study's own name: ``known`` if it is possible with these keys, else the shortest possible one.

    The shortest cuts least from a key, so that a wrong guess leaves a name that is too long rather than one that
    lost a part.
    """
    possible = possible_names(keys)
    return known if known in possible else next(iter(possible), "")


def root_node(nodes: Iterable[str]) -> str:
    """Return the root of full node names, which is the study's own name, or "" if it is not certain.

    Not every study lists its root, and an own name may hold dots, so a first node with a dot may be below the root.
    """
    names = list(nodes)
    root = min(names, key=len, default="")
    below = sum(name.startswith(f"{root}.") for name in names)
    return root if below and below == len(names) - 1 and "." not in root else ""


def full_key(own_name: str, key: str) -> str:
    """Return the full name of a parameter or a node from its name without the study's own.

    An unknown own name is "", and so is the root node.
    """
    return ".".join(filter(None, (own_name, key)))


def short_key(own_name: str, full: str) -> str:
    """Return the full name of a parameter or a node without the study's own name in front."""
    return full.removeprefix(f"{own_name}.") if own_name else full
