"""Find parameters by a full name, a unique ending of it, or a glob."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import AmbiguousName, NotFound
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.study_reference import full_key, possible_names
from sostrades_cli.suggestions import closest
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sostrades_cli.operations.context import Context

GLOB: Final = frozenset("*?")
SHOWN: Final = 3
_ENTRY: Final = r"""([^\[\]]+)\[['"]?([^\[\]'"]+)['"]?\]"""
# Nobody reads a longer text as a name.
LONGEST_KEY: Final = 120
NO_NAMES: Final = "this server cannot list the names of this study now, so a short name is not enough"


class Finder:
    """Finds parameters among the full names of a study.

    The study's own name can cost a request, so it is looked up only if it can matter, and then once for all keys.
    """

    def __init__(self, context: Context, study: int, names: Collection[str]) -> None:
        self._context = context
        self._study = study
        self._names = names

    def find(self, key: str) -> str:
        """Return the one full name that a key matches, with its own upper and lower case if possible.

        Raises
        ------
        NotFound
            The key matches nothing; the message has the closest names.
        UsageError
            The key matches more than one.

        """
        name = self.exact(key) or self.any_case(key)
        if name is None:
            raise unknown(key, self._names, self._study)
        return name

    def exact(self, key: str) -> str | None:
        """Return the one full name that a key matches in its own case, or as a glob, ``None`` if it matches none.

        A glob matches in any case.

        Raises
        ------
        UsageError
            The key matches more than one.

        """
        if key in self._names:
            return key
        ends = [name for name in self._by_end.get(key.rpartition(".")[2], ()) if name.endswith(f".{key}")]
        # The own name may need a request: only if it decides, and a possible one makes a full name of the key.
        if len(ends) > 1 and any(full_key(own, key) in ends for own in possible_names(self._names)):
            whole = full_key(self._own, key)
            ends = [whole] if whole in ends else ends
        return self._only(ends or matching_glob(self._names, key), key)

    def any_case(self, key: str) -> str | None:
        """Return the one full name that a key matches in any case, ``None`` if it matches none.

        Use it for a key for which ``exact`` returns ``None``, in any source of names.

        Raises
        ------
        UsageError
            The key matches more than one.

        """
        folded, by_name = key.casefold(), {name: name.casefold() for name in self._names}
        whole = [name for name, lower in by_name.items() if lower == folded]
        ends = [name for name, lower in by_name.items() if lower.endswith(f".{folded}")]
        # A complete name wins over the ends of longer ones.
        if not whole and ends:
            own = full_key(self._own, key).casefold()
            whole = [name for name, lower in by_name.items() if lower == own]
        return self._only(whole or ends, key)

    def _only(self, matches: Sequence[str], key: str) -> str | None:
        if len(matches) > 1:
            shown = ", ".join(matches[:SHOWN]) + (" ..." if len(matches) > SHOWN else "")
            raise AmbiguousName(
                f"{key} matches {len(matches)} parameters: {shown}", hint="type more of the name", study=self._study
            )
        return matches[0] if matches else None

    @cached_property
    def _by_end(self) -> dict[str, list[str]]:
        """The names by their last part, because a file with thousands of keys must not compare each with all names."""
        names: dict[str, list[str]] = {}
        for name in self._names:
            names.setdefault(name.rpartition(".")[2], []).append(name)
        return names

    @cached_property
    def _own(self) -> str:
        return own_name(self._context, self._study, self._names)


def matching_glob(names: Iterable[str], pattern: str) -> list[str]:
    """Return the names that a glob matches in any case, and none for a text that is not a glob.

    A glob matches a full name, or an ending of it that begins after a dot, such as the name without the study.
    ``[`` is a letter like any other, because names contain it.
    """
    if not is_glob(pattern):
        return []
    # The dot in front lets one pattern match the whole name and its endings.
    ending = f"*.{pattern.casefold().replace('[', '[[]')}"
    # fnmatchcase, because fnmatch ignores case on Windows.
    return [name for name in names if fnmatchcase(f".{name.casefold()}", ending)]


def is_glob(text: str) -> bool:
    """Return whether a text is a pattern, and not a name or a part of one."""
    return bool(GLOB & set(text))


def matching_names(names: Iterable[str], match: str) -> list[str]:
    """Return the names that a glob matches or that contain a text, in any case. It is the rule of every ``--match``."""
    if is_glob(match):
        return matching_glob(names, match)
    folded = match.casefold()
    return [name for name in names if folded in name.casefold()]


def unknown(key: str, names: Collection[str], study: int) -> NotFound:
    """Return the error for an unknown name, with suggestions from ``names``."""
    named = key if len(key) <= LONGEST_KEY else f"{key[: LONGEST_KEY - 1]}…"
    if not names:
        return NotFound(
            f"{named} is not the full name of a parameter of study {study}",
            detail=NO_NAMES,
            hint=f"type the full name as in the web page, such as STUDY_NAME.Node.{named.rpartition('.')[2]}",
            study=study,
        )
    missing = f"there is no parameter {named} in study {study}"
    # As Python writes an entry.
    if (entry := re.fullmatch(_ENTRY, key)) and any(f".{name}".endswith(f".{entry[1]}") for name in names):
        return NotFound(
            missing, hint=f"write an entry of a dict with a dot, KEY.ENTRY: {entry[1]}.{entry[2]}", study=study
        )
    # A discipline, or the beginning of names: similar names would mislead.
    containing = [name for name in names if key.casefold() in name.casefold()]
    if len(containing) > SHOWN:
        return NotFound(
            missing,
            detail=f"{len(containing)} parameters contain it in their names",
            hint=f"sostrades param list {study} --match {shell_quoted(key)}",
            study=study,
        )
    close = containing or _suggested(key, names)
    return NotFound(
        missing,
        detail=f"did you mean {' or '.join(close)}?" if close else None,
        hint=f"sostrades param list {study}",
        study=study,
    )


def none_fits(match: str, names: Collection[str]) -> str:
    """Return a note that nothing matches, with suggestions."""
    meant = match.strip("*?.")
    close = _suggested(meant, names)
    return f"nothing matches {match}" + (f". Did you mean {' or '.join(close)}?" if close else "")


def _suggested(key: str, names: Collection[str]) -> list[str]:
    """Return the similar names. The less similar ones are left out if the last part of some is nearly the same."""
    # A misspelt last part of a long name is hardly alike as a whole.
    return _by_last_part(key, names, alike=0.8) or closest(key, names, SHOWN, alike=0.5) or _by_last_part(key, names)


def _by_last_part(key: str, names: Collection[str], *, alike: float = 0.6) -> list[str]:
    ends = {name.rpartition(".")[2]: name for name in names}
    return [ends[end] for end in closest(key.rpartition(".")[2], ends, SHOWN, alike=alike)]
