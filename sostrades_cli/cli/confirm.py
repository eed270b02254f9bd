"""Ask the user before several parameters change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import Interrupted, UsageError
from sostrades_cli.operations.changes import planned_changes
from sostrades_cli.output.text import cells, shown, visible
from sostrades_cli.views.changes import change_lines

if TYPE_CHECKING:
    from collections.abc import Callable

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
    changes = planned_changes(plan)[:MOST_UNASKED]
    rows = [(visible(name), cell) for name, cell, _ in change_lines(changes, own_name(plan.study))]
    width = max(cells(name) for name, _ in rows)
    lines = [f"  {name}{' ' * (width - cells(name))}  {shown(cell)}\n" for name, cell in rows]
    lines += [f"  and {count - MOST_UNASKED} more\n"] * (count > MOST_UNASKED)
    these = "this parameter" if count == 1 else f"these {count} parameters"
    answer = ask(f"{''.join(lines)}Change {these} of study {plan.study}? [y/N] ")
    if answer.strip().lower() not in {"y", "yes"}:
        raise Interrupted("cancelled, nothing was sent", study=plan.study)
