"""The cache of a server: its studies, and the names, types and defaults of their parameters. Never values, never keys.

The types are used on servers whose load route is broken. The API cannot list studies, so `study list` and completion
read them from here. A missing or damaged file counts as an empty cache. The cache has a maximum size: the least
recently used studies are removed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, private_folder
from sostrades_cli.local.config_file import CACHE_VARIABLE, Folders, name_of_host
from sostrades_cli.safe_parsers import from_json
from sostrades_cli.study_reference import certain_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.local.marks import Mark
    from sostrades_cli.local.structure_cache import StructureCache
    from sostrades_cli.local.study_files import OntologyCache

    class TypedParameter(Protocol):
        """A parameter with a type and a unit."""

        @property
        def type(self) -> str:
            """The type."""

        @property
        def unit(self) -> str | None:
            """The unit."""


VERSION: Final = 6
MOST_STUDIES: Final = 200
# Some megabytes per study.
MOST_PARAMETERS: Final = 50_000
# A small second file per study, so that a list of studies need not read all parameters.
ABOUT: Final = ".about.json"
# Sizes of tables change more often than names and types, so they have a file of their own.
SIZES: Final = ".sizes.json"
CHARTS: Final = ".charts.json"
MOST_CHARTS: Final = 5_000
# A server may be repaired, or replaced by another version at the same address.
LOAD_FAULT_S: Final = 24 * 3600
_JSON_TYPES: Final = {
    "type": str,
    "unit": str,
    "io_type": str,
    "coupling": bool,
    "range": list,
    "possible_values": list,
    "optional": bool,
    "structuring": bool,
    "columns": dict,
    "default": list,
}


class CachedParameter(NamedTuple):
    """The metadata of a parameter; ``None`` where no answer of the server contained a field.

    ``io_type`` is ``in`` or ``out``. ``coupling`` means that another discipline computes the value. ``optional`` marks
    the start value of a coupling variable, and ``structuring`` a setting that decides which other parameters exist.
    ``columns`` are the types of a table's columns. ``default`` is a list with the default value of the model, which may
    be null.
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
    default: list[object] | None = None

    @property
    def is_computed(self) -> bool:
        """Return whether a run computes the value, and a user cannot set a start value."""
        return self.io_type == "out" or (bool(self.coupling) and not self.optional)

    @property
    def is_start_value(self) -> bool:
        """Return whether the value is the start value of a coupling variable; a run replaces it by its result."""
        return bool(self.coupling and self.optional)


class CachedStudy(NamedTuple):
    """A study: its name (empty if unknown), its number of parameters, and its last use in seconds since 1970."""

    study: int
    name: str
    parameters: int
    used_s: float


class CachedChart(NamedTuple):
    """A chart: its discipline, its title, which may be empty, and its kind."""

    discipline: str
    title: str
    kind: str


class StudyCache:
    """The studies and parameters of one server.

    This process keeps everything in memory; the files for later commands are limited in size.
    """

    def __init__(self, folders: Folders, host: str) -> None:
        self._folders = folders
        self._host = host
        self._parameters: dict[int, dict[str, CachedParameter]] = {}
        self._files: dict[int, dict[str, Any]] = {}
        self._digests: dict[int, str] = {}
        self._names: dict[int, str] = {}

    @cached_property
    def load_fault(self) -> Mark:
        """The mark of a server that fails to load every study, which counts for a day."""
        from sostrades_cli.local.marks import Mark

        return Mark(self._folders.cache / "load-fault" / name_of_host(self._host), CACHE_VARIABLE, LOAD_FAULT_S)

    @cached_property
    def ontology(self) -> OntologyCache:
        """What is kept of the ontology."""
        from sostrades_cli.local.study_files import OntologyCache

        return OntologyCache(self._folders, self._host, "ontology")

    @cached_property
    def structures(self) -> StructureCache:
        """The structures of studies, without values."""
        from sostrades_cli.local.structure_cache import StructureCache

        return StructureCache(self._folders, self._host)

    def parameters_of(self, study: int) -> dict[str, CachedParameter]:
        """Return the cached parameters of a study by full name."""
        if study not in self._parameters:
            try:
                parameters = {name: _from_json(fields) for name, fields in self._stored(study).items()}
            except (TypeError, AttributeError):
                parameters = {}
            if not parameters:
                # A load may compare the head of the file only, so it would not repair the rest.
                self._remove(self._path(study))
            self._parameters[study] = parameters
        return dict(self._parameters[study])

    def has_types(self, study: int, parameters: Mapping[str, TypedParameter]) -> bool:
        """Return whether the cache has these parameters, among others, with the same types and units."""
        # Reading thousands of entries takes long, and most loads are like the last one.
        if self._begins_with(study, _digest(parameters)):
            return True
        known = self._parameters.get(study)
        try:
            if known is not None:
                return all((known[name].type, known[name].unit) == (p.type, p.unit) for name, p in parameters.items())
            # They are compared as JSON: building objects from them takes as long as a load.
            stored = self._stored(study)
            return all((stored[n]["type"], stored[n].get("unit")) == (p.type, p.unit) for n, p in parameters.items())
        except (KeyError, TypeError, AttributeError):
            return False

    def store(self, study: int, parameters: Mapping[str, CachedParameter]) -> None:
        """Add the parameters of an answer; fields from earlier answers are kept."""
        known = self.parameters_of(study)
        merged = {**known, **{name: _merged(known.get(name), new) for name, new in parameters.items()}}
        if merged == known:
            return
        self._parameters[study] = merged
        # Sorted, so that the same parameters are left out each time.
        stored = dict(itertools.islice(sorted(merged.items()), MOST_PARAMETERS))
        # An answer of read-only mode has directions; it does not replace the digest of the last load.
        is_load = all(cached.io_type is None for cached in parameters.values())
        if is_load or any(
            (new := merged[name]).type != old.type or new.unit != old.unit for name, old in known.items()
        ):
            self._digests[study] = _digest(parameters) if is_load else ""
        facts = {name: _to_json(cached) for name, cached in stored.items()}
        self._write(self._path(study), study, {"load": self._digests.get(study, ""), "parameters": facts})
        # The name is from an answer, or follows from the keys if they are unambiguous.
        self._names[study] = certain_name(self.name(study), parameters)
        about = {"name": self._names[study], "parameters": len(merged)}
        self._write(self._path(study, ABOUT), study, about)
        self._make_room()

    def name(self, study: int) -> str:
        """Return a study's name; empty if unknown."""
        name = self._names.get(study) or self._read(self._path(study, ABOUT)).get("name", "")
        return name if isinstance(name, str) else ""

    def store_name(self, study: int, name: str) -> None:
        """Add a study's name."""
        about = self._read(self._path(study, ABOUT))
        self._names[study] = name
        if name and about.get("name") != name:
            self._write(self._path(study, ABOUT), study, {"parameters": 0, **about, "name": name})
            self._make_room()

    def sizes(self, study: int) -> dict[str, tuple[int, int]]:
        """Return rows and columns of the tables that were read since the last change of the study."""
        try:
            stored = self._read(self._path(study, SIZES)).get("sizes", {})
            return {name: (int(rows), int(columns)) for name, (rows, columns) in stored.items()}
        except (AttributeError, TypeError, ValueError):
            return {}

    def store_sizes(self, study: int, sizes: Mapping[str, tuple[int, int]]) -> None:
        """Add rows and columns of tables."""
        known = self.sizes(study)
        merged = {**known, **sizes}
        if merged != known:
            kept = dict(itertools.islice(merged.items(), MOST_PARAMETERS))
            self._write(self._path(study, SIZES), study, {"sizes": kept})

    def forget_sizes(self, study: int) -> None:
        """Remove the sizes of tables, because a change of one parameter may change the tables of others."""
        self._remove(self._path(study, SIZES))

    def charts(self, study: int) -> list[CachedChart]:
        """Return the charts of a study as they were last read, in the order of their numbers."""
        stored = self._read(self._path(study, CHARTS)).get("charts", [])
        try:
            return [CachedChart(str(discipline), str(title), str(kind)) for discipline, title, kind in stored]
        except (TypeError, ValueError):
            return []

    def store_charts(self, study: int, charts: Sequence[CachedChart]) -> None:
        """Replace the charts of a study."""
        if list(charts[:MOST_CHARTS]) != self.charts(study):
            self._write(self._path(study, CHARTS), study, {"charts": list(charts[:MOST_CHARTS])})

    def mark_used(self, study: int) -> None:
        """Record that the server has a study, and that it is in use now."""
        path = self._path(study, ABOUT)
        about = self._read(path)
        # The time of the file is the time of the last use. Only its owner can set it.
        with contextlib.suppress(OSError):
            if about:
                os.utime(path)
                return
        self._write(path, study, {"name": "", "parameters": 0, **about})
        self._make_room()

    def forget(self, study: int) -> None:
        """Remove a study that is no longer on the server."""
        self._parameters.pop(study, None)
        self._files.pop(study, None)
        self._digests.pop(study, None)
        self._names.pop(study, None)
        for path in (*(self._path(study, suffix) for suffix in (ABOUT, SIZES, CHARTS)), self._path(study)):
            self._remove(path)
        self.ontology.forget(study)
        self.structures.forget(study)

    def _remove(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()

    def studies(self) -> list[CachedStudy]:
        """Return the cached studies, the most recently used first."""
        studies = []
        for path, used_s in self._abouts():
            document = self._read(path)
            with contextlib.suppress(KeyError, TypeError, ValueError):
                study, name, parameters = (document[key] for key in ("study", "name", "parameters"))
                studies.append(CachedStudy(int(study), str(name), max(0, int(parameters)), used_s))
        return studies

    def named_studies(self) -> dict[str, list[int]]:
        """Return the numbers of the cached studies by name; several studies can share a name."""
        numbers: dict[str, list[int]] = {}
        for cached in sorted(self.studies()):
            if cached.name:
                numbers.setdefault(cached.name, []).append(cached.study)
        return numbers

    def _abouts(self) -> list[tuple[Path, float]]:
        used, paths = [], []
        # The home may be that of another user, as in a container.
        with contextlib.suppress(PermissionError):
            paths = list(self._folder.glob(f"*{ABOUT}"))
        for path in paths:
            with contextlib.suppress(OSError):
                used.append((path, path.stat().st_mtime))
        return sorted(used, key=lambda item: item[1], reverse=True)

    def _make_room(self) -> None:
        for path, _ in self._abouts()[MOST_STUDIES:]:
            number = path.name.removesuffix(ABOUT)
            if number.isdecimal():
                self.forget(int(number))

    def _stored(self, study: int) -> dict[str, Any]:
        """Return the parameters in the file of a study as JSON."""
        if study not in self._files:
            document = self._read(self._path(study))
            self._files[study] = document.get("parameters", {})
            self._digests[study] = str(document.get("load", ""))
        return self._files[study]

    def _begins_with(self, study: int, digest: str) -> bool:
        """Return whether the file of a study begins with the digest of this load."""
        head = json.dumps({**self._head(study), "load": digest}).removesuffix("}").encode()
        try:
            with self._path(study).open("rb") as file:
                return file.read(len(head)) == head
        except OSError:
            return False

    def _head(self, study: int) -> dict[str, object]:
        return {"version": VERSION, "host": self._host, "study": study}

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            document = from_json(path.read_bytes())
        except (OSError, ValueError):
            return {}
        # The name of the folder is a hash of the host, and an older version may have written the file.
        ours = isinstance(document, dict) and document.get("version") == VERSION and document.get("host") == self._host
        return document if ours else {}

    def _write(self, path: Path, study: int, subject: Mapping[str, object]) -> None:
        document = {**self._head(study), **subject}
        # The command works without its cache.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(path.parent, CACHE_VARIABLE)
            # A file that a power failure damages counts as empty, and the server has everything in it.
            with atomic(path, private=True, durable=False) as file:
                file.write(json.dumps(document).encode())

    @cached_property
    def _folder(self) -> Path:
        return self._folders.cache / "studies" / name_of_host(self._host)

    def _path(self, study: int, suffix: str = ".json") -> Path:
        return self._folder / f"{study}{suffix}"


def _digest(parameters: Mapping[str, TypedParameter]) -> str:
    """Return a digest of names, types and units."""
    from hashlib import sha256

    # Three lists: a list for each of thousands of parameters takes longer.
    types, units = ([getattr(p, field) for p in parameters.values()] for field in ("type", "unit"))
    return sha256(json.dumps([list(parameters), types, units]).encode()).hexdigest()


def _to_json(cached: CachedParameter) -> dict[str, object]:
    return {name: value for name, value in cached._asdict().items() if value is not None}


def _from_json(fields: Mapping[str, Any]) -> CachedParameter:
    """Build a parameter from a JSON object, where tuples are lists.

    Raises
    ------
    TypeError
        The object is damaged.

    """
    for name, value in fields.items():
        if type(value) is not _JSON_TYPES.get(name):
            raise TypeError(f"a cached parameter has no {name} of this type")
    ends, choices, columns = fields.get("range"), fields.get("possible_values"), fields.get("columns")
    if ends is None and choices is None and columns is None:  # true of nearly all parameters
        return CachedParameter(**fields)
    range_is_valid = ends is None or list(map(type, ends)) == [float, float]
    if not range_is_valid or any(type(kind) is not str for kind in (columns or {}).values()):
        raise TypeError("a cached parameter has a damaged range or damaged columns")
    lists = {"range": ends and tuple(ends), "possible_values": choices if choices is None else tuple(choices)}
    return CachedParameter(**{**fields, **lists})


def _merged(known: CachedParameter | None, new: CachedParameter) -> CachedParameter:
    """Return a parameter with the fields of both answers."""
    # Only answers of read-only mode have a direction, and they have all fields.
    if known is None or new.io_type is not None:
        return new
    if (known.type, known.unit) == (new.type, new.unit):
        return known
    return known._replace(type=new.type, unit=new.unit)
