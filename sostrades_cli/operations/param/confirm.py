"""Ask the user before several parameters change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Interrupted, UsageError
from sostrades_cli.operations.changes import ParameterChange, planned_changes
from sostrades_cli.output.text import brief, cells, visible
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.plan import Plan

MOST_UNASKED: Final = 20


def confirm(plan: Plan, ask: Callable[[str], str] | None, own_name: Callable[[int], str]) -> None:
    """Show the old and the new values and ask; without a terminal, accept at most 20 changes.

    ``ask`` shows a question and returns the answer, and is ``None`` without a terminal. ``own_name`` returns the name
    of a study, which names are shown without.

    Raises
    ------
    UsageError
        There is no terminal, and the plan is large.
    Interrupted
        The user declined; nothing was sent.

    """
    count = len(plan.effective)
    if ask is None:
        if count > MOST_UNASKED:
            raise UsageError(f"this would change {count} parameters", hint="check them with --dry-run, then add --yes")
        return
    own = own_name(plan.study)
    rows = [row for change in planned_changes(plan)[:MOST_UNASKED] for row in _rows(change, short_key(own, change.key))]
    width = max(cells(name) for name, _ in rows)
    lines = [f"  {name}{' ' * (width - cells(name))}  {text}\n" for name, text in rows]
    lines += [f"  and {count - MOST_UNASKED} more\n"] * (count > MOST_UNASKED)
    these = "this parameter" if count == 1 else f"these {count} parameters"
    answer = ask(f"{''.join(lines)}Change {these} of study {plan.study}? [y/N] ")
    if answer.strip().lower() not in {"y", "yes"}:
        raise Interrupted("cancelled, nothing was sent", study=plan.study)


def _rows(change: ParameterChange, name: str) -> list[tuple[str, str]]:
    """Return the names and texts of a change, for each entry of a dict that is set by itself."""
    if change.entries:
        return [(visible(f"{name}.{one.entry}"), f"{_value(one.old)} → {_value(one.new)}") for one in change.entries]
    new = "default value" if change.default else visible(str(change.new)) if change.file else _value(change.new)
    return [(visible(name), f"{'table' if change.file else _value(change.old)} → {new}")]


def _value(value: Json) -> str:
    # The API's placeholder for a table means nothing to a reader.
    return "table" if has_tables(value) else visible(brief(value))
