"""How a change is to be made: shown only, asked about, or at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from sostrades_cli.errors import Interrupted, UsageError
from sostrades_cli.output.text import visible

if TYPE_CHECKING:
    from sostrades_cli.operations.param.plan import Plan

MOST_UNASKED: Final = 20


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """What the options of a change say: ``force`` makes it even while a run is going on."""

    dry_run: bool = False
    exit_code: bool = False
    yes: bool = False
    force: bool = False


def ask(plan: Plan, *, yes: bool, stdin: TextIO, stderr: TextIO) -> None:
    """Ask at a terminal before more than one parameter changes; elsewhere want ``--yes`` for more than 20.

    Raises
    ------
    UsageError
        There is no terminal, and the plan is large.
    Interrupted
        The answer was no; nothing was sent.

    """
    count = len(plan.effective)
    if yes or count <= 1:
        return
    if not (stdin.isatty() and stderr.isatty()):
        if count > MOST_UNASKED:
            raise UsageError(f"this would change {count} parameters", hint="--dry-run shows them, --yes sends them")
        return
    listed = "\n".join(f"  {visible(name)}" for name in plan.effective[:MOST_UNASKED])
    stderr.write(f"{listed}\nchange these {count} parameters of study {plan.study}? [y/N] ")
    stderr.flush()
    if stdin.readline().strip().lower() not in {"y", "yes"}:
        raise Interrupted("nothing was sent", study=plan.study)
