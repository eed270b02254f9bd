"""Read the record of a design from the side file of its table of cases. Indices can only be computed from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.operations.calc.design import samplers
from sostrades_cli.operations.calc.design.table import FORMAT, SIDE_SUFFIX, digest_of_cells
from sostrades_cli.operations.calc.sweep.case_rows import NAME
from sostrades_cli.operations.tables.file_types import split_sheet
from sostrades_cli.safe_parsers import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.operations.calc.sweep.case_rows import CaseRows

SOBOL_INDICES: Final = "sobol"
ELEMENTARY_EFFECTS: Final = "morris"
NAMES: Final = {SOBOL_INDICES: "Sobol' indices", ELEMENTARY_EFFECTS: "elementary effects"}
# The kind of indices that can be computed from the samples of a method.
KINDS: Final = {samplers.SALTELLI: SOBOL_INDICES, samplers.MORRIS: ELEMENTARY_EFFECTS}


@dataclass(frozen=True, slots=True)
class DesignRecord:
    """The origin of a table of cases.

    ``block`` is the number of cases in a sample: a base sample of saltelli, or a trajectory of morris. ``points`` are
    the points of morris in the unit cube, one for each case.
    """

    method: str
    n: int | None
    seed: int | None
    columns: tuple[str, ...]
    arguments: Mapping[str, Any]
    points: Sequence[Sequence[float]] = ()

    @property
    def kind(self) -> str | None:
        """The kind of indices, or ``None`` if the method has no indices."""
        return KINDS.get(self.method)

    @property
    def block(self) -> int:
        """The number of cases in a sample."""
        dimensions = len(self.columns)
        # A base sample has two points, and one or two more per dimension. A trajectory moves once per dimension.
        if self.method == samplers.SALTELLI and self.arguments.get("calc_second_order"):
            return 2 * dimensions + 2
        return dimensions + (2 if self.method == samplers.SALTELLI else 1)

    def check(self, columns: Sequence[str], rows: int) -> None:
        """Check that the record describes a sample of these columns and this number of cases.

        Raises
        ------
        ValueError
            The record does not fit.

        """
        if self.columns != tuple(columns):
            raise ValueError("the record does not fit the columns")
        if self.kind is None:
            return
        has_points = len(self.points) == rows and all(_is_point(point, len(self.columns)) for point in self.points)
        if rows % self.block or not rows or (self.method == samplers.MORRIS and not has_points):
            raise ValueError("the record does not fit the cases")


def _is_point(point: Sequence[float], dimensions: int) -> bool:
    return len(point) == dimensions and all(math.isfinite(position) for position in point)


class Origin(NamedTuple):
    """The record of a table of cases, and the reason why its results have no indices."""

    record: DesignRecord | None
    reason: str | None


def read_record(cases: Path, table: CaseRows) -> Origin:
    """Return the record beside a table of cases."""
    file = split_sheet(cases)[0].with_suffix(SIDE_SUFFIX)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Origin(None, f"{cases.name} was not made by `calc design`: there is no {file.name} beside it")
    except (OSError, ValueError) as error:
        return Origin(None, f"{file.name} cannot be read: {getattr(error, 'strerror', None) or error}")
    try:
        document = from_json(text)
        record = _record(document)
        if document["cases"]["sha256"] != digest_of_cells(*_cells(table)):
            changed = f"{cases.name} was changed after `calc design`, or {file.name} belongs to another table"
            return Origin(None, changed)
        record.check(table.columns, len(table.rows))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return Origin(None, f"{file.name} is damaged")
    reason = None if record.kind else f"the method {record.method} has no indices, unlike saltelli and morris"
    return Origin(record, reason)


def _record(document: dict[str, Any]) -> DesignRecord:
    if document["format"] != FORMAT:
        raise ValueError("another format")
    n, seed, method = document["n"], document["seed"], document["method"]
    # A boolean is an instance of int, but is not a valid number here.
    if method not in samplers.METHODS or not all(item is None or type(item) is int for item in (n, seed)):
        raise TypeError("wrong types")
    arguments = dict(document.get("salib", {}))
    # The arguments must have the same names and types as those of the sampler.
    if {name: type(value) for name, value in arguments.items()} != {
        name: type(value) for name, value in samplers.SALIB_ARGUMENTS.get(method, {}).items()
    }:
        raise TypeError("wrong arguments")
    points = [[float(position) for position in point] for point in document.get("points", [])]
    return DesignRecord(method, n, seed, tuple(document["space"]), arguments, points)


def _cells(table: CaseRows) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    return (NAME, *table.columns), [(row.name, *row.cells) for row in table.rows]
