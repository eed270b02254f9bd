"""How a study is named: by its number, a link to its page or an alias on a command line; by its own name in keys."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_ID: Final = re.compile(r"[0-9]{1,40}", re.ASCII)
_LINK: Final = re.compile(r"https?://[^/\s]+/(?:.*/)?study(?:-case)?/(?:[a-z-]+/)?([0-9]{1,40})(?:[/?#].*)?", re.ASCII)
# What a browser shows for an open study.
_WORKSPACE: Final = re.compile(r"https?://[^/\s]+/(?:.*/)?study-workspace/?\?([^\s#]*)(?:#.*)?", re.ASCII)
# An alias begins with a letter, so that no number and no path is one.
ALIAS_RULE: Final = "a letter, then letters, digits and _ . -, for example dice"
_ALIAS: Final = re.compile(r"[^\W\d_][\w.-]{0,63}")


def number_of(text: str) -> int | None:
    """Return the number that a text gives, alone or in a link; ``None`` where it gives none."""
    number = _linked(text) or text
    return int(number) if _ID.fullmatch(number) and int(number) > 0 else None


def _linked(text: str) -> str | None:
    """Return the number in a link to the page of a study, as it is written there."""
    if linked := _LINK.fullmatch(text):
        return linked.group(1)
    workspace = _WORKSPACE.fullmatch(text)
    if workspace is None:
        return None
    from urllib.parse import parse_qs  # noqa: PLC0415 - start-up: for such links only

    # Two different numbers would leave a choice.
    numbers = set(parse_qs(workspace.group(1)).get("studyId", ()))
    return numbers.pop() if len(numbers) == 1 else None


def is_link(text: str) -> bool:
    """Return whether a text is a link to the page of a study."""
    return _linked(text) is not None


def is_alias(text: str) -> bool:
    """Return whether a text can be an alias."""
    return _ALIAS.fullmatch(text) is not None


def possible_names(keys: Iterable[str]) -> list[str]:
    """Return the names that a study with these full names of parameters can have, the shortest first.

    A study's own name is in front of every key. It may hold dots, and its root need not have a parameter, so every
    run of leading parts that all keys share is possible: ``pair.SellarCoupling.x`` alone is of ``pair`` or of
    ``pair.SellarCoupling``. A name ends before the last part of a key.
    """
    shared = os.path.commonprefix(list(keys))  # noqa: RUF071 - these are names, not paths, and are cut at dots below
    return [shared[:at] for at, letter in enumerate(shared) if letter == "." and at]


def likely_name(known: str, keys: Iterable[str]) -> str:
    """Return a study's own name: ``known`` by the server if the keys bear it out, else the shortest possible one.

    The shortest cuts least from a key, so that a wrong guess leaves a name that is too long rather than one that
    lost a part.
    """
    possible = possible_names(keys)
    return known if known in possible else next(iter(possible), "")
