"""Ask the user before several parameters change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Interrupted, UsageError
from sostrades_cli.operations.changes import ParameterChange, planned_changes
from sostrades_cli.output.text import brief, cells, visible

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.plan import Plan

MOST_UNASKED: Final = 20


def confirm(plan: Plan, stdin: TextIO, stderr: TextIO) -> None:
    """Show the old and the new values and ask; without a terminal, accept at most 20 changes.

    Raises
    ------
    UsageError
        There is no terminal, and the plan is large.
    Interrupted
        The user declined; nothing was sent.

    """
    count = len(plan.effective)
    if not (stdin.isatty() and stderr.isatty()):
        if count > MOST_UNASKED:
            raise UsageError(f"this would change {count} parameters", hint="check them with --dry-run, then add --yes")
        return
    changes = planned_changes(plan)[:MOST_UNASKED]
    width = max(cells(visible(change.key)) for change in changes)
    lines = [_line(change, width) for change in changes]
    lines += [f"  and {count - MOST_UNASKED} more"] * (count > MOST_UNASKED)
    listed = "\n".join(lines)
    these = "this parameter" if count == 1 else f"these {count} parameters"
    stderr.write(f"{listed}\nChange {these} of study {plan.study}? [y/N] ")
    stderr.flush()
    if stdin.readline().strip().lower() not in {"y", "yes"}:
        raise Interrupted("cancelled, nothing was sent", study=plan.study)


def _line(change: ParameterChange, width: int) -> str:
    name = visible(change.key)
    new = "default value" if change.default else str(change.new) if change.file else _value(change.new)
    old = "table" if change.file else _value(change.old)
    return f"  {name}{' ' * (width - cells(name))}  {visible(old)} → {visible(new)}"


def _value(value: Json) -> str:
    # The API's placeholder for a table means nothing to a reader.
    return "table" if has_tables(value) else brief(value)
