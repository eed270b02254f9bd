"""Compare two snapshots by parameter: nested values by part, tables by cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import UNKNOWN
from sostrades_cli.errors import Different, NoValue
from sostrades_cli.operations.param.name_lookup import matching_names
from sostrades_cli.operations.study.snapshot import model
from sostrades_cli.operations.study.snapshot.model import from_content
from sostrades_cli.operations.tables import downloads
from sostrades_cli.operations.tables.diff import TableDifference, arranged, difference
from sostrades_cli.operations.tables.equality import EXACT, Tolerance, equal, identical
from sostrades_cli.output.text import brief, counted, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry

CHANGED: Final = "changed"
ONLY_A: Final = "only in A"
ONLY_B: Final = "only in B"


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A part of a nested value that differs: its path (``.coal``, ``[2]``), and a short text for both sides."""

    where: str
    a: str
    b: str

    def __str__(self) -> str:
        return f"{self.where}: {self.a} -> {self.b}" if self.where else ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter that differs. ``a`` or ``b`` is ``None`` if that side does not have the parameter."""

    key: str
    change: str
    a: SnapshotEntry | None
    b: SnapshotEntry | None
    table: TableDifference | None = None
    parts: tuple[DiffPart, ...] = ()

    @property
    def type(self) -> str | None:
        """The declared type. A side without metadata has no type."""
        return next((item.type for item in (self.a, self.b) if item is not None and item.type), None)

    @property
    def text(self) -> str:
        """The first differences in a table or nested value."""
        if self.change != CHANGED:
            return self.change
        return self.table.text if self.table else "; ".join(map(str, self.parts))


@dataclass(slots=True)
class StudyDiff:
    """The parameters that differ, and the number of compared parameters.

    ``not_compared`` are unreadable parameters, ``omitted`` inputs that the server does not show in a load. ``unlisted``
    are parameters of one side that the other side may have, too, because its names come from another source.
    ``missing_outputs`` are outputs with a value on one side only. ``has_no_outputs`` means that outputs were requested,
    and neither side has a value of one. ``edited`` has the inputs of each folder that do not belong to its outputs.
    """

    differences: list[Difference] = field(default_factory=list)
    compared: int = 0
    not_compared: list[str] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    missing_outputs: list[str] = field(default_factory=list)
    has_no_outputs: bool = False
    edited: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def matching(self, match: str | None) -> list[Difference]:
        """Return the differences whose key matches a glob or contains a text."""
        matching = _matching([difference.key for difference in self.differences], match)
        return [difference for difference in self.differences if difference.key in matching]

    def summary(self, shown: Sequence[Difference]) -> str:
        """Return a line with the number of differences."""
        verb = "differs" if len(shown) == 1 else "differ"
        return f"{len(shown)} of {counted(self.compared, 'parameter')} {verb}"

    def failure(self, shown: Sequence[Difference], match: str | None) -> SostradesError | None:
        """Return the error for sides that are not known to be equal, ``None`` if they are equal."""
        if shown:
            return Different(self.summary(shown))
        missing = self.uncompared_outputs(match)
        if missing is None:
            return None
        return NoValue(
            missing,
            detail=self.summary(shown),
            hint="run the study, export it with --outputs after its run, or compare only inputs, without --outputs",
        )

    def uncompared_outputs(self, match: str | None) -> str | None:
        """Return why requested outputs were not compared, ``None`` if all were."""
        edited = " and ".join(
            f"inputs of {source} were edited after the export of its outputs ({listed(keys)})"
            for source, keys in self.edited.items()
        )
        if self.has_no_outputs and match is None:
            return f"outputs were not compared, because {edited or 'neither side shows values of them'}"
        keys = self.missing_outputs
        missing = [key for key in keys if key in _matching(keys, match)]
        reason = f"{edited or 'only one side has values'}: {listed(missing)}"
        return f"outputs were not compared, because {reason}" if missing else None

    @property
    def notes(self) -> list[str]:
        """The notes on parameters that were not compared, apart from outputs without values."""
        notes = []
        if self.not_compared:
            notes.append(f"not compared, because the server cannot show the value: {listed(self.not_compared)}")
        if self.omitted:
            notes.append(f"not compared, because a load does not show these inputs: {listed(self.omitted)}")
        if self.unlisted:
            notes.append(f"not compared, because the server lists these for one side only: {listed(self.unlisted)}")
        return notes


def _matching(keys: Sequence[str], match: str | None) -> set[str]:
    return set(keys if match is None else matching_names(keys, match))


def compare(a: Snapshot, b: Snapshot, tolerance: Tolerance = EXACT, *, outputs: bool = False) -> StudyDiff:
    """Compare two snapshots. A parameter without a value equals a missing parameter.

    ``outputs`` means that both snapshots were taken with outputs.
    """
    edited = {side.source: side.edited for side in (a, b) if side.edited}
    diff = StudyDiff(omitted=sorted({*a.omitted, *b.omitted}), edited=edited)
    diff.has_no_outputs = outputs and all(
        _is_empty(item) for item in (*a.items.values(), *b.items.values()) if item.output
    )
    for key in sorted(a.items.keys() | b.items.keys()):
        item_a, item_b = a.items.get(key), b.items.get(key)
        # A study before its first run has no outputs, which is not a difference of the studies.
        if _is_output(item_a, item_b) and (_is_empty(item_a) or _is_empty(item_b)):
            if outputs and not (_is_empty(item_a) and _is_empty(item_b)):
                diff.missing_outputs.append(key)
            continue
        states = {item.state for item in (item_a, item_b) if item is not None}
        if model.UNAVAILABLE in states:
            diff.not_compared.append(key)
            continue
        if not _is_empty(item_a or item_b) and (
            (item_a is None and not a.lacks(key, b)) or (item_b is None and not b.lacks(key, a))
        ):
            # An omitted input has a note of its own.
            diff.unlisted += [key] * (key not in diff.omitted)
            continue
        diff.compared += 1
        difference = _difference(key, item_a, item_b, tolerance)
        if difference is not None:
            diff.differences.append(difference)
    return diff


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
    """Return whether two values are the same. If one comes from a download, both are compared as downloads."""
    # The server writes equal values as equal downloads.
    if a.content is not None and b.content is not None and tolerance.exact:
        return a.content == b.content or equal(from_content(a), from_content(b))
    if a.content is not None and tolerance.exact:
        return downloads.holds(a.content, b.value)
    if b.content is not None and tolerance.exact:
        return downloads.holds(b.content, a.value)
    return next(_parts(a.value, b.value, _comparer(a, b, tolerance)), None) is None


def _comparer(a: SnapshotEntry, b: SnapshotEntry, tolerance: Tolerance) -> Callable[[Json, Json], bool]:
    """Return the function that compares single values."""
    # For a float, and in a download, 5 and 5.0 are the same.
    loose = "float" in {a.type, b.type} or a.is_loose or b.is_loose

    def same(first: Json, other: Json) -> bool:
        return (equal if loose else identical)(first, other) or tolerance.close(first, other)

    return same


def _parts(a: Json, b: Json, same: Callable[[Json, Json], bool], where: str = "") -> Iterator[DiffPart]:
    """Yield the differences of two nested values, innermost parts first."""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in sorted(a.keys() | b.keys()):
            yield from _parts(a.get(name, UNKNOWN), b.get(name, UNKNOWN), same, f"{where}.{name}")
    # An inserted item would make all later items differ, so lists of different lengths differ as a whole.
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (item_a, item_b) in enumerate(zip(a, b, strict=True)):
            yield from _parts(item_a, item_b, same, f"{where}[{number}]")
    elif a is UNKNOWN or b is UNKNOWN or not same(a, b):
        yield DiffPart(where, _short(a), _short(b))


def _short(value: Json) -> str:
    return "absent" if value is UNKNOWN else brief(value)


def _table_difference(key: str, a: SnapshotEntry, b: SnapshotEntry, tolerance: Tolerance) -> Difference | None:
    if a.table is None or b.table is None or a.table.sha256 == b.table.sha256:
        return None
    table = difference(arranged(a.table.rows(), a.type), arranged(b.table.rows(), a.type), tolerance.close_cells)
    return Difference(key, CHANGED, a, b, table=table) if table else None
