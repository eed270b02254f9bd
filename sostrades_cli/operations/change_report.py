"""The report of a change: its effect on each parameter, for commands and for Python programs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sostrades_cli.api.models import UNKNOWN
from sostrades_cli.errors import Different
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.param.plan import Plan, ValueChange
    from sostrades_cli.operations.tables.diff import TableDifference
    from sostrades_cli.operations.tables.table_change import FileChange


@dataclass(frozen=True, slots=True)
class TableFacts:
    """The size of a new table, and its ``difference`` to the one before, if there was one and its cells differ."""

    rows: int
    columns: int
    had_table: bool
    difference: TableDifference | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the facts for JSON output. The old sizes are ``None`` if there was no table before."""
        diff = self.difference
        same = (self.rows, self.columns) if self.had_table else (None, None)
        return {
            "rows": self.rows,
            "columns": self.columns,
            "rows_before": diff.rows_a if diff else same[0],
            "columns_before": diff.columns_a if diff else same[1],
            "columns_added": diff.only_b if diff else [],
            "columns_removed": diff.only_a if diff else [],
            "cells": diff.cells if diff else 0,
            "first": [{"row": c.row, "column": c.column, "old": c.a, "new": c.b} for c in diff.first] if diff else [],
        }


class ChangedEntry(NamedTuple):
    """One entry of a dict; ``entry`` are its keys, joined by dots."""

    entry: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """The change of one parameter.

    ``old`` is ``None`` if the server did not show it, and so is ``new`` for a ``default`` that it did not show. For a
    ``file``, ``new`` is a text: how it differs from the table before, or its rows if it is unchanged. ``sent`` is false
    if the value is unchanged. ``entries`` are the entries of a dict that were set one by one. ``table`` are the facts
    behind the text of a ``file``.
    """

    key: str
    type: str | None
    unit: str | None
    old: Json
    new: Json
    sent: bool = True
    file: bool = False
    default: bool = False
    notes: tuple[str, ...] = ()
    entries: tuple[ChangedEntry, ...] = ()
    table: TableFacts | None = None


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """The result of a change, or of its dry run.

    A dry run has only the parameters that would change, and the ``requests``. ``failure`` is the error to report after
    the changes: why a dry run would be rejected, or which parameters were not changed. The change has an entry in the
    history for each of its ``rounds``. ``outdates`` says that the study has the results of a finished run, and they no
    longer belong to its values.
    """

    study: int
    changes: tuple[ParameterChange, ...]
    requests: tuple[str, ...] | None = None
    failure: SostradesError | None = None
    rounds: int = 1
    outdates: bool = False

    @property
    def unsent(self) -> list[str]:
        """The names of the unchanged parameters."""
        return [change.key for change in self.changes if not change.sent]


def report_of(plan: Plan, defaults: Mapping[str, Json] = MappingProxyType({})) -> ChangeReport:
    """Return the report of a plan that was sent; ``defaults`` are the values of parameters that were reset."""
    changes = [_of_value(change) for change in plan.values]
    # Only the read-back shows a default that the load does not contain.
    changes = [replace(c, new=defaults[c.key], default=False) if c.key in defaults else c for c in changes]
    return ChangeReport(plan.study, (*changes, *map(_of_file, plan.files)), outdates=_outdates(plan))


def dry_run_report(plan: Plan, requests: Sequence[str], *, exit_code: bool) -> ChangeReport:
    """Return the report of a plan that is not sent; with ``exit_code``, differences are its failure."""
    failure = next(iter(plan.refusals), None)
    if failure is not None:
        for other in plan.refusals[1:]:
            failure.add_detail(other.message)
    elif exit_code and plan.effective:
        failure = Different(f"{counted(len(plan.effective), 'parameter')} would change", study=plan.study)
    return ChangeReport(plan.study, planned_changes(plan), tuple(requests), failure, outdates=_outdates(plan))


def planned_changes(plan: Plan) -> tuple[ParameterChange, ...]:
    """Return the changes of a plan that is not sent yet."""
    return (*map(_of_value, plan.sent_values), *map(_of_file, plan.sent_files))


def join_reports(earlier: ChangeReport, later: ChangeReport) -> ChangeReport:
    """Join two rounds: a parameter that both sent has its first old value and its last new one."""
    changes = {change.key: change for change in earlier.changes}
    for change in later.changes:
        if change.sent:
            before = changes.get(change.key)
            notes = change.notes or (before.notes if before else ())
            changes[change.key] = replace(change, old=before.old if before else change.old, notes=notes)
    outdates = earlier.outdates or later.outdates
    return replace(earlier, changes=tuple(changes.values()), rounds=earlier.rounds + later.rounds, outdates=outdates)


def _outdates(plan: Plan) -> bool:
    return plan.finished and bool(plan.effective)


def _of_value(change: ValueChange) -> ParameterChange:
    info, unknown = change.info, change.new is UNKNOWN
    new, sent = None if unknown else change.new, not change.needless
    entries = tuple(ChangedEntry(".".join(entry.path), entry.old, entry.new) for entry in change.entries)
    facts: dict[str, Any] = {"default": unknown, "notes": change.notes, "entries": entries}
    return ParameterChange(info.name, info.type, info.unit, change.old, new, sent, **facts)


def _of_file(change: FileChange) -> ParameterChange:
    info, sent = change.info, not change.needless
    new = change.difference if sent else f"{counted(change.table.rows, 'row')} of {change.source}"
    difference = change.table_difference if sent else None
    table = TableFacts(change.table.rows, change.columns, change.old_table is not None, difference)
    return ParameterChange(info.name, info.type, info.unit, None, new, sent, file=True, notes=change.notes, table=table)
