"""The states of calculations, one request per study."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import SostradesError
from sostrades_cli.output.disciplines import without_root
from sostrades_cli.run_events import combined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.api.calculations import CalculationsApi
    from sostrades_cli.api.models import RunStatus


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The states of the studies, and the most severe error of those whose state could not be read."""

    states: list[RunStatus]
    failure: SostradesError | None = None


def read_statuses(calculations: CalculationsApi, studies: Sequence[int]) -> StatusReport:
    """Read the state of each study. A failure does not hide the other states.

    Raises
    ------
    SostradesError
        No state could be read.

    """
    states, failures = [], []
    for study in studies:
        try:
            states.append(calculations.status(study))
        except SostradesError as error:
            failures.append(error)
    if not states:
        raise _together(failures, len(studies))
    return StatusReport(states, _together(failures, len(studies)) if failures else None)


def _together(failures: Sequence[SostradesError], count: int) -> SostradesError:
    if count == 1:
        return failures[0]
    return combined(failures, f"cannot read the status of {len(failures)} of {count} studies")


def discipline_counts(state: RunStatus) -> str:
    """Return the number of disciplines per status, such as ``5 DONE, 1 RUNNING``."""
    _, states = without_root(state.disciplines)
    counts = Counter(states.values())
    if state.phase is not Phase.ACTIVE:
        # Disciplines that stay PENDING after the end of a run never started: the count would mislead.
        counts.pop("PENDING", None)
    return ", ".join(f"{count} {status}" for status, count in counts.most_common())
