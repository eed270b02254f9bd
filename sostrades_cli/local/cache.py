"""What was seen of a server: studies, and the names and types of their parameters. Never values, never keys.

A server whose load route is broken cannot tell a parameter's type until a run has finished; what was seen
earlier can. The API lists no studies; what was seen here can be listed, and completed in a shell. The memory is a
convenience: a file that is missing or damaged is the same as an empty one. It is bounded: the studies that were not
seen for longest make room.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, name_of_host, private_folder
from sostrades_cli.safe_parsers import from_json, is_as_declared
from sostrades_cli.study_reference import certain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from sostrades_cli.local.config_file import Folders

VERSION: Final = 4
MOST_STUDIES: Final = 200
MOST_PARAMETERS: Final = 50_000
ABOUT: Final = ".about.json"


class CachedParameter(NamedTuple):
    """What is remembered of a parameter; ``None`` where no answer told it.

    ``io_type`` is ``in`` or ``out``; ``coupling`` says that another discipline computes it; ``range`` and
    ``possible_values`` are declared with it; ``optional`` marks the start value of a coupling variable,
    ``structuring`` a setting that decides which other parameters exist, and ``columns`` are the types of a
    table's columns.
    """

    type: str
    unit: str | None = None
    io_type: str | None = None
    coupling: bool | None = None
    range: tuple[float, float] | None = None
    possible_values: tuple[object, ...] | None = None
    optional: bool | None = None
    structuring: bool | None = None
    columns: dict[str, str] | None = None

    @property
    def is_computed(self) -> bool:
        """Return whether a run computes it, and it has no start value that a user could give."""
        return self.io_type == "out" or (bool(self.coupling) and not self.optional)

    @property
    def is_start_value(self) -> bool:
        """Return whether it is the start value of a coupling variable, which a run replaces by its result."""
        return bool(self.coupling and self.optional)


class CachedStudy(NamedTuple):
    """A study that was seen: its own name, empty where no answer told it, how many of its parameters, and when.

    ``seen_s`` is in seconds since 1970.
    """

    study: int
    name: str
    parameters: int
    seen_s: float


class StudyCache:
    """The memory of one server. What this process has seen it knows in full, whatever the bounds of the files."""

    def __init__(self, folders: Folders, host: str) -> None:
        self._folders = folders
        self._host = host
        self._here: dict[int, dict[str, CachedParameter]] = {}
        self._later: dict[int, Callable[[], Mapping[str, CachedParameter]]] = {}
        self._names: dict[int, str] = {}

    def recall(self, study: int) -> dict[str, CachedParameter]:
        """Return what is remembered of a study's parameters, by full name."""
        if later := self._later.pop(study, None):
            self._here[study] = _both(self._recalled(study), later())
        return dict(self._here[study]) if study in self._here else self._recalled(study)

    def _recalled(self, study: int) -> dict[str, CachedParameter]:
        document = self._read(self._path(study))
        try:
            return {name: _seen(fields) for name, fields in document.get("parameters", {}).items()}
        except (TypeError, AttributeError):
            return {}

    def remember_answer(self, study: int, mark: str, parameters: Callable[[], Mapping[str, CachedParameter]]) -> None:
        """Add what a whole answer told, unless the same was added before and is still known.

        ``mark`` is the same for answers that tell the same; large ones are not compared with the memory each time.
        """
        about = self._read(self._path(study, ABOUT))
        if mark in about.get("marks", ()) and self._path(study).exists():
            self._later[study] = parameters
            return
        told = parameters()
        if told and not self.remember(study, told, mark):
            self._write(self._path(study, ABOUT), study, {**about, "marks": [*about.get("marks", ()), mark]})

    def remember(self, study: int, parameters: Mapping[str, CachedParameter], mark: str = "") -> bool:
        """Add what an answer told, and say whether it was news; what tells less erases nothing that another told."""
        known = self.recall(study)
        everything = _both(known, parameters)
        if everything == known:
            return False
        self._here[study] = everything
        kept = dict(itertools.islice(everything.items(), MOST_PARAMETERS))
        self._write(self._path(study), study, {"parameters": {name: _told(seen) for name, seen in kept.items()}})
        about = {"name": self._name_among(study, parameters), "parameters": len(everything)}
        about["marks"] = [mark] if mark else []
        self._write(self._path(study, ABOUT), study, about)
        self._make_room()
        return True

    def _name_among(self, study: int, keys: Iterable[str]) -> str:
        """Return the study's own name, as far as it was told or the keys leave no choice."""
        self._names[study] = certain_name(self.name(study), keys)
        return self._names[study]

    def name(self, study: int) -> str:
        """Return a study's own name; empty where no answer told it."""
        name = self._names.get(study) or self._read(self._path(study, ABOUT)).get("name", "")
        return name if isinstance(name, str) else ""

    def remember_name(self, study: int, name: str) -> None:
        """Remember a study's own name as the server told it."""
        about = self._read(self._path(study, ABOUT))
        self._names[study] = name
        if name and about.get("name") != name:
            self._write(self._path(study, ABOUT), study, {"parameters": 0, **about, "name": name})
            self._make_room()

    def saw(self, study: int) -> None:
        """Note that the server has a study."""
        path = self._path(study, ABOUT)
        try:
            os.utime(path)
        except OSError:
            self._write(path, study, {"name": "", "parameters": 0})
            self._make_room()

    def forget(self, study: int) -> None:
        """Forget a study that the server has no more."""
        self._here.pop(study, None)
        self._later.pop(study, None)
        self._names.pop(study, None)
        for path in (self._path(study, ABOUT), self._path(study)):
            with contextlib.suppress(OSError):
                path.unlink()

    def studies(self) -> list[CachedStudy]:
        """Return the studies that were seen, the last one first."""
        found = []
        for path, seen_s in self._abouts():
            document = self._read(path)
            with contextlib.suppress(KeyError, TypeError, ValueError):
                study, name, parameters = (document[key] for key in ("study", "name", "parameters"))
                found.append(CachedStudy(int(study), str(name), max(0, int(parameters)), seen_s))
        return found

    def named_studies(self) -> dict[str, list[int]]:
        """Return the numbers of the studies that were seen, by their own names; a name can be that of several."""
        found: dict[str, list[int]] = {}
        for one in sorted(self.studies()):
            if one.name:
                found.setdefault(one.name, []).append(one.study)
        return found

    def _abouts(self) -> list[tuple[Path, float]]:
        found = []
        for path in self._folder.glob(f"*{ABOUT}"):
            with contextlib.suppress(OSError):
                found.append((path, path.stat().st_mtime))
        return sorted(found, key=lambda one: one[1], reverse=True)

    def _make_room(self) -> None:
        for path, _ in self._abouts()[MOST_STUDIES:]:
            number = path.name.removesuffix(ABOUT)
            if number.isdecimal():
                self.forget(int(number))

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            document = from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        ours = isinstance(document, dict) and document.get("version") == VERSION and document.get("host") == self._host
        return document if ours else {}

    def _write(self, path: Path, study: int, subject: Mapping[str, object]) -> None:
        document = {"version": VERSION, "host": self._host, "study": study, **subject}
        # A cache that cannot be written costs comfort, not the command.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(path.parent)
            with atomic(path, private=True) as file:
                file.write(json.dumps(document).encode())

    @property
    def _folder(self) -> Path:
        return self._folders.cache / "studies" / name_of_host(self._host)

    def _path(self, study: int, suffix: str = ".json") -> Path:
        return self._folder / f"{study}{suffix}"


def mark_of(known: Iterable[str]) -> str:
    """Return what stands for facts: the same for those that read the same."""
    return hashlib.blake2b("\0".join(known).encode(errors="backslashreplace"), digest_size=16).hexdigest()


def _told(cached: CachedParameter) -> dict[str, object]:
    return {name: value for name, value in cached._asdict().items() if value is not None}


def _seen(fields: Mapping[str, Any]) -> CachedParameter:
    """Read what JSON has turned from tuples into lists."""
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
    seen, ends = CachedParameter(**plain), plain.get("range")
    columns = plain.get("columns")
    spoilt = columns is not None and set(map(type, [columns, *columns.values()])) - {dict, str}
    if spoilt or not is_as_declared(seen) or (ends is not None and list(map(type, ends)) != [float, float]):
        raise TypeError("what is remembered of a parameter is damaged")
    return seen


def _both(known: Mapping[str, CachedParameter], answered: Mapping[str, CachedParameter]) -> dict[str, CachedParameter]:
    joined = {name: _joined(known.get(name), seen) for name, seen in answered.items()}
    return dict(sorted({**known, **joined}.items()))


def _joined(known: CachedParameter | None, cached: CachedParameter) -> CachedParameter:
    if known is None:
        return cached
    if cached.io_type is not None:
        return cached
    return known._replace(type=cached.type, unit=cached.unit)
