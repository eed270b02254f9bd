"""What is meant by what people write for a study, or for one side of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.files import at_home
from sostrades_cli.spelling import closest
from sostrades_cli.study_words import is_alias, is_link, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Aliases = Callable[[], Mapping[str, int]]

_KNOWN: Final = "a number such as 21, a link such as https://gui.example/study/21, or an alias"


def study_number(written: str, aliases: Aliases | None) -> int:
    """Return the number of the study that is meant; ``aliases`` is asked only for what looks like one.

    Raises
    ------
    ValueError
        It is neither a number, nor a link, nor an alias; the message is for people.

    """
    text = written.strip()
    if is_alias(text) and aliases is not None:
        return _aliased(text, aliases())
    number = number_of(text)
    if number is None:
        raise ValueError(f"{text!r} is no study: {_KNOWN}")
    return number


def side(written: str, aliases: Aliases | None) -> int | Path:
    """Return the number of a study, or the folder of an exported one: what is no number, link or alias is a folder.

    Raises
    ------
    ValueError
        It is empty, or a number that no study has; the message is for people.

    """
    text = written.strip()
    if not text:
        raise ValueError("an empty name is neither a study nor a folder")
    aliased = aliases is not None and is_alias(text) and text in aliases()
    if text.isdecimal() or is_link(text) or aliased:
        return study_number(text, aliases)
    return at_home(text)


def _aliased(name: str, aliases: Mapping[str, int]) -> int:
    if name not in aliases:
        close = closest(name, aliases)
        meant = f". Did you mean {close[0]!r}?" if close else f": `sostrades alias set {name} 21` makes it one"
        raise ValueError(f"{name!r} is no study and no alias{meant}")
    return aliases[name]
