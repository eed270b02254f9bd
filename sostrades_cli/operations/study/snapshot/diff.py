"""Comparing two snapshots, parameter by parameter: values in depth, tables by cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.operations.param.name_lookup import fitting
from sostrades_cli.operations.study.snapshot import model
from sostrades_cli.operations.study.snapshot.model import from_content
from sostrades_cli.operations.tables import downloads
from sostrades_cli.operations.tables.diff import TableDifference, arranged, difference
from sostrades_cli.operations.tables.equality import EXACT, Tolerance, equal, identical
from sostrades_cli.output.text import brief, counted, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry

CHANGED: Final = "changed"
ONLY_A: Final = "only in A"
ONLY_B: Final = "only in B"
FIRST_PARTS: Final = 5


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A part of a nested value that differs: where it is (``.coal``, ``[2]``), and both sides in short."""

    where: str
    a: str
    b: str

    def __str__(self) -> str:
        return f"{self.where}: {self.a} -> {self.b}" if self.where else ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter that differs; ``a`` and ``b`` are ``None`` where one side does not have it."""

    key: str
    change: str
    a: SnapshotEntry | None
    b: SnapshotEntry | None
    table: TableDifference | None = None
    parts: tuple[DiffPart, ...] = ()

    @property
    def type(self) -> str | None:
        """The declared type, as the side that knows it says."""
        return next((item.type for item in (self.a, self.b) if item is not None and item.type), None)

    @property
    def text(self) -> str:
        """Say where a table or a nested value differs."""
        if self.change != CHANGED:
            return self.change
        return self.table.text if self.table else "; ".join(map(str, self.parts))


@dataclass(slots=True)
class StudyDiff:
    """The parameters that differ, the number of compared ones, and those that could not be compared."""

    differences: list[Difference] = field(default_factory=list)
    compared: int = 0
    not_compared: list[str] = field(default_factory=list)

    def matching(self, match: str | None) -> list[Difference]:
        """Return the differences whose key fits a glob, or contains this text."""
        keys = [one.key for one in self.differences]
        wanted = set(keys if match is None else fitting(keys, match))
        return [one for one in self.differences if one.key in wanted]

    def summary(self, shown: Sequence[Difference]) -> str:
        """Say how many of the compared parameters differ, and which could not be compared."""
        verb = "differs" if len(shown) == 1 else "differ"
        text = f"{len(shown)} of {counted(self.compared, 'parameter')} {verb}"
        if self.not_compared:
            text += f"; not compared, since they could not be read: {listed(self.not_compared)}"
        return text


def compare(a: Snapshot, b: Snapshot, tolerance: Tolerance = EXACT) -> StudyDiff:
    """Compare two snapshots by the names of their parameters; no value is the same as no parameter.

    An output is compared where both sides have it: a study that was not run yet lacks all of them.
    """
    found = StudyDiff()
    for key in sorted(a.items.keys() | b.items.keys()):
        one, other = a.items.get(key), b.items.get(key)
        if _is_output(one, other) and (_is_empty(one) or _is_empty(other)):
            continue
        states = {item.state for item in (one, other) if item is not None}
        if model.UNAVAILABLE in states:
            found.not_compared.append(key)
            continue
        found.compared += 1
        different = _difference(key, one, other, tolerance)
        if different is not None:
            found.differences.append(different)
    return found


def _is_output(*items: SnapshotEntry | None) -> bool:
    return any(item.output for item in items if item is not None)


def _is_empty(item: SnapshotEntry | None) -> bool:
    return item is None or item.state == model.NO_VALUE


def _difference(key: str, a: SnapshotEntry | None, b: SnapshotEntry | None, tolerance: Tolerance) -> Difference | None:
    empty_a, empty_b = _is_empty(a), _is_empty(b)
    if empty_a and empty_b:
        return None
    if a is None or b is None:
        return Difference(key, ONLY_A if b is None else ONLY_B, a, b)
    if a.table is not None and b.table is not None:
        return _table_difference(key, a, b, tolerance)
    if empty_a or empty_b or a.table is not None or b.table is not None:
        return Difference(key, CHANGED, a, b)
    if same_values(a, b, tolerance):
        return None
    return Difference(key, CHANGED, a, b, parts=tuple(_parts(a.value, b.value, _comparer(a, b, tolerance))))


def same_values(a: SnapshotEntry, b: SnapshotEntry, tolerance: Tolerance = EXACT) -> bool:
    """Compare values; what only a download showed is compared as the download has it."""
    if a.content is not None and b.content is not None and tolerance.exact:
        return a.content == b.content or equal(from_content(a), from_content(b))
    if a.content is not None and tolerance.exact:
        return downloads.holds(a.content, b.value)
    if b.content is not None and tolerance.exact:
        return downloads.holds(b.content, a.value)
    return next(_parts(a.value, b.value, _comparer(a, b, tolerance)), None) is None


def _comparer(a: SnapshotEntry, b: SnapshotEntry, tolerance: Tolerance) -> Callable[[Json, Json], bool]:
    """Return how single values are compared: ``5`` and ``5.0`` are the same to a float, and in a download."""
    loose = "float" in {a.type, b.type} or a.is_loose or b.is_loose

    def alike(first: Json, other: Json) -> bool:
        return (equal if loose else identical)(first, other) or tolerance.close(first, other)

    return alike


def _parts(a: Json, b: Json, alike: Callable[[Json, Json], bool], where: str = "") -> Iterator[DiffPart]:
    """Yield where two nested values differ, the parts within before the whole."""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in sorted(a.keys() | b.keys()):
            yield from _parts(a.get(name, UNTOLD), b.get(name, UNTOLD), alike, f"{where}.{name}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _parts(one, other, alike, f"{where}[{number}]")
    elif a is UNTOLD or b is UNTOLD or not alike(a, b):
        yield DiffPart(where, _short(a), _short(b))


def _short(value: Json) -> str:
    return "absent" if value is UNTOLD else brief(value)


def _table_difference(key: str, a: SnapshotEntry, b: SnapshotEntry, tolerance: Tolerance) -> Difference | None:
    if a.table is None or b.table is None or a.table.sha256 == b.table.sha256:
        return None
    found = difference(arranged(a.table.rows(), a.type), arranged(b.table.rows(), a.type), tolerance.close_cells)
    return Difference(key, CHANGED, a, b, table=found) if found else None
