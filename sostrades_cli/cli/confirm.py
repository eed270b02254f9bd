"""Ask the user before several parameters change."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from sostrades_cli.cli.invocation import window
from sostrades_cli.cli.prompt import asker_of
from sostrades_cli.errors import UsageError, UserInterrupt
from sostrades_cli.operations.change_report import planned_changes
from sostrades_cli.output.results import TerminalTable
from sostrades_cli.views.changes import change_lines

if TYPE_CHECKING:
    from sostrades_cli.operations.param.plan import Plan
    from sostrades_cli.runtime import Runtime

MOST_UNASKED: Final = 20


def confirm(plan: Plan, runtime: Runtime, own_name: str) -> None:
    """Show the old and the new values and ask; without a terminal, accept at most 20 changes.

    Names are shown without ``own_name``, the name of the study.

    Raises
    ------
    UsageError
        There is no terminal, and the plan is large.
    UserInterrupt
        The user declined; nothing was sent.

    """
    count, ask = len(plan.effective), asker_of(runtime)
    if ask is None:
        if count > MOST_UNASKED:
            raise UsageError(f"this would change {count} parameters", hint="check them with --dry-run, then add --yes")
        return
    from sostrades_cli.output.table import write_table

    changes = planned_changes(plan)[:MOST_UNASKED]
    rows = [(name, cell) for name, cell, _ in change_lines(changes, own_name)]
    lines = io.StringIO()
    # Without headings, because there is a question below the lines.
    write_table(TerminalTable(("", ""), rows, mark=" "), lines, color=False, width=window(runtime)[0])
    lines.write(f"  and {count - MOST_UNASKED} more\n" * (count > MOST_UNASKED))
    these = "this parameter" if count == 1 else f"these {count} parameters"
    answer = ask(f"{lines.getvalue()}Change {these} of study {plan.study}? [y/N] ")
    if answer.strip().lower() not in {"y", "yes"}:
        raise UserInterrupt("cancelled, nothing was sent", study=plan.study)
