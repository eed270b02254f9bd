"""Differences as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import Different
from sostrades_cli.operations.param.name_lookup import fitting
from sostrades_cli.operations.study.snapshot.diff import difference_json
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, counted, listed

if TYPE_CHECKING:
    from sostrades_cli.operations.study.snapshot.diff import Comparison
    from sostrades_cli.operations.study.snapshot.model import SnapshotEntry

COLUMNS = ("key", "type", "a", "b", "difference")


def difference_rows(comparison: Comparison, match: str | None, *, exit_code: bool) -> Rows:
    """Return what differs, one row for each parameter, and how many were compared as a note."""
    names = [one.key for one in comparison.differences]
    wanted = set(names if match is None else fitting(names, match))
    shown = [one for one in comparison.differences if one.key in wanted]
    rows = [(one.key, one.type, _cell(one.a), _cell(one.b), one.text) for one in shown]
    note = f"{len(shown)} of {counted(comparison.compared, 'parameter')} {'differs' if len(shown) == 1 else 'differ'}"
    if comparison.not_compared:
        note += f"; not compared, since they could not be read: {listed(comparison.not_compared)}"
    failure = Different(note) if exit_code and shown else None
    return Rows(COLUMNS, rows, payload=[difference_json(one) for one in shown], note=note, failure=failure)


def _cell(item: SnapshotEntry | None) -> TextCell | str | None:
    if item is None:
        return None
    return item.brief if item.table is not None else TextCell(item.plain, item.brief)
