"""Ask the user before several parameters change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from sostrades_cli.errors import Interrupted, UsageError
from sostrades_cli.output.text import visible

if TYPE_CHECKING:
    from sostrades_cli.operations.param.plan import Plan

MOST_UNASKED: Final = 20


def confirm(plan: Plan, stdin: TextIO, stderr: TextIO) -> None:
    """Show the parameters that would change and ask; without a terminal, accept at most 20.

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
    listed = "\n".join(f"  {visible(name)}" for name in plan.effective[:MOST_UNASKED])
    stderr.write(f"{listed}\nChange these {count} parameters of study {plan.study}? [y/N] ")
    stderr.flush()
    if stdin.readline().strip().lower() not in {"y", "yes"}:
        raise Interrupted("cancelled, nothing was sent", study=plan.study)
