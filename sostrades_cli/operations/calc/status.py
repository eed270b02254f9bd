"""The states of calculations, each read once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import SostradesError
from sostrades_cli.exit_codes import severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.api.calculations import CalculationsApi
    from sostrades_cli.api.models import RunStatus


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The states that the server gave, and the worst error of the studies whose state it did not give."""

    states: list[RunStatus]
    failure: SostradesError | None = None


def read_statuses(calculations: CalculationsApi, studies: Sequence[int]) -> StatusReport:
    """Read the state of each study; a study that fails does not hide the others.

    Raises
    ------
    SostradesError
        All of them failed.

    """
    states, failures = [], []
    for study in studies:
        try:
            states.append(calculations.status(study))
        except SostradesError as error:
            failures.append(error)
    if not states:
        raise failures[0]
    worst = max(failures, key=severity, default=None)
    if worst is not None and len(failures) > 1:
        worst.detail = "\n".join(error.message for error in failures)
    return StatusReport(states, worst)


def discipline_counts(state: RunStatus) -> str:
    """Count the disciplines by status, such as ``5 DONE, 1 RUNNING``."""
    counts = Counter(state.disciplines.values())
    if state.phase is not Phase.ACTIVE:
        # Disciplines that stay PENDING after the end of a run never started: the count would mislead.
        counts.pop("PENDING", None)
    return ", ".join(f"{count} {status}" for status, count in counts.most_common())
