"""Resolve STUDY arguments (number, link, alias, name) and the two sides of a comparison."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.files.atomic import at_home
from sostrades_cli.study_reference import is_alias, study_id
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LINK: Final = r"(?a)https?://[^/\s]+/(?:.*/)?study(?:-case)?/(?:[a-z-]+/)?([0-9]{1,40})(?:[/?#].*)?"
# The address of an open study in a browser.
_WORKSPACE: Final = r"(?a)https?://[^/\s]+/(?:.*/)?study-workspace/?\?([^\s#]*)(?:#.*)?"
MOST_EXAMPLES: Final = 3
_KNOWN: Final = "Give a number (21), a link (https://gui.example/study/21), an alias, or the name of a study"


class StudyArgumentError(ValueError):
    """A text is not a study on the server in use. The message and the hint are for users."""

    def __init__(self, message: str, hint: str = "sostrades study list") -> None:
        super().__init__(message)
        self.hint = hint


class KnownStudies(NamedTuple):
    """The ``aliases`` of studies, and the ``names`` of the studies in the cache.

    Several studies can have the same name. Each table is read only when it is needed. ``other_profile`` returns the
    profile that a link belongs to, if it is certainly not the one in use. ``other_server`` returns the server of the
    aliases, if it is not the one in use.
    """

    aliases: Callable[[], Mapping[str, int]]
    names: Callable[[], Mapping[str, Sequence[int]]]
    other_profile: Callable[[str], str | None] = lambda _: None
    other_server: Callable[[], str | None] = lambda: None

    def study_of_alias(self, text: str) -> int | None:
        """Return the study of an alias, ``None`` if there is no such alias.

        Raises
        ------
        ValueError
            The alias stands for a study of another server than the one in use. The message is for users.

        """
        study = self.aliases().get(text) if is_alias(text) else None
        # The study with this number of the server in use is another one, and the command may change it.
        if study is not None and (server := self.other_server()) is not None:
            raise StudyArgumentError(
                f"{text!r} is an alias of study {study} on {server}, which is not the server in use",
                hint=f"for study {study} of the server in use, write {study}",
            )
        return study

    def similar(self, text: str) -> list[str]:
        """Return aliases and names that may have been meant."""
        aliases = self.aliases() if self.other_server() is None else {}
        return closest(text, [*aliases, *self.names()])


def study_number(argument: str, known: KnownStudies | None) -> int:
    """Return the number of a study from a number, a link, an alias or a name, in this order.

    Raises
    ------
    ValueError
        The text is none of these, or several studies have this name. The message is for users.

    """
    text = argument.strip()
    if not text:
        raise ValueError(f"the study is empty. {_KNOWN}")
    number = number_of(text)
    if number is not None:
        # The web page may have another host than the API, so only the host of another profile is certainly wrong.
        if known is not None and is_link(text) and (profile := known.other_profile(text)) is not None:
            raise ValueError(f"{text!r} is on the server of profile {profile}, so add --profile {profile}")
        return number
    if known is None:
        raise StudyArgumentError(f"{text!r} is not a study. {_KNOWN}")
    # Aliases win over names, because the user has chosen them.
    study = known.study_of_alias(text)
    return study if study is not None else _named(text, known)


def side(argument: str, known: KnownStudies | None) -> int | Path:
    """Return the number of a study, or the folder of an exported study.

    A text that is not a number, link or alias is a folder, or the name of a study if there is no such folder.

    Raises
    ------
    ValueError
        The text is empty, an invalid study number, similar to the name of a study, or both an alias and an exported
        folder. The message is for users.

    """
    text = argument.strip()
    if not text:
        raise ValueError("the name is empty. Give a study or a folder")
    if text.isdecimal() or is_link(text):
        return study_number(text, known)
    folder = at_home(text)
    if known is None:
        return folder
    study = known.study_of_alias(text)
    # A wrong guess could compare a study with itself, and report no difference.
    if study is not None and _is_exported(folder):
        raise ValueError(f"{text!r} is both an alias and an exported folder. Write ./{text} or {study}")
    if study is not None:
        return study
    return _named_side(text, folder, known)


def _named_side(text: str, folder: Path, known: KnownStudies) -> int | Path:
    """Return a folder that exists, or else the study of this name."""
    if os.path.exists(folder):  # noqa: PTH110 - Path.exists raises for texts that are too long or odd
        return folder
    if text in known.names():
        return study_number(text, known)
    # With a separator, it can only be a folder.
    if not {"/", os.sep} & set(text) and (close := known.similar(text)):
        raise StudyArgumentError(f"{text!r} is not a study or folder. Did you mean {close[0]!r}?")
    return folder


def is_study_first(first: str, second: str, known: KnownStudies | None) -> bool:
    """Return whether a folder and a study are given in reverse order.

    The order is clear only if the first text can only be a study, and the second text can only be a folder.
    """
    if os.path.exists(at_home(first)) or not _is_study(first, known):  # noqa: PTH110 - odd texts, as in _named_side
        return False
    return _is_exported(at_home(second)) or not _is_study(second, known)


def _is_study(text: str, known: KnownStudies | None) -> bool:
    try:
        study_number(text, known)
    except ValueError:
        return False
    return True


def number_of(text: str) -> int | None:
    """Return the number in a text, alone or in a link, or ``None``."""
    return study_id(_linked(text) or text)


def _linked(text: str) -> str | None:
    """Return the digits in a link to the page of a study."""
    if "://" not in text:  # most studies are numbers, and compiling a pattern takes longer than all else here
        return None
    if linked := re.fullmatch(_LINK, text):
        return linked.group(1)
    workspace = re.fullmatch(_WORKSPACE, text)
    if workspace is None:
        return None
    from urllib.parse import parse_qs

    # A link with two different numbers is ambiguous.
    numbers = set(parse_qs(workspace.group(1)).get("studyId", ()))
    return numbers.pop() if len(numbers) == 1 else None


def is_link(text: str) -> bool:
    """Return whether a text is a link to the page of a study."""
    return _linked(text) is not None


def _is_exported(folder: Path) -> bool:
    """Return whether this is the folder of an exported study."""
    from sostrades_cli.files.resumable_folder import has_study

    return has_study(folder)


def _named(name: str, known: KnownStudies) -> int:
    names = known.names()
    studies = names.get(name, ())
    if len(studies) == 1:
        return studies[0]
    if studies:
        raise ValueError(
            f"{len(studies)} studies have the name {name!r}, so give the number: {', '.join(map(str, studies))}"
        )
    # A command on the wrong study can do damage, so a similar name is only suggested.
    close = known.similar(name)
    if close:
        raise StudyArgumentError(f"{name!r} is not a study. Did you mean {close[0]!r}?")
    # `~` is not expanded, because `~NAME` of an unknown user would raise an error about home folders.
    if _is_exported(Path(name)):
        raise ValueError(f"{name!r} is the folder of an exported study. {_KNOWN}")
    if not is_alias(name):
        raise StudyArgumentError(f"{name!r} is not a study. {_KNOWN}")
    raise StudyArgumentError(
        f"{name!r} is not an alias or the name of a study used on this computer{_examples(names)}. "
        f"To make it an alias: `sostrades alias set {name} NUMBER`"
    )


def _examples(names: Mapping[str, Sequence[int]]) -> str:
    """Return some studies of the cache as part of a message, empty if there are none."""
    studies = [f"{name} ({number})" for name, numbers in names.items() for number in numbers]
    return f", such as {', '.join(studies[:MOST_EXAMPLES])}" if studies else ""
