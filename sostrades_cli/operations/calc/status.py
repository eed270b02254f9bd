"""Read the states of calculations, with one request per study."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NoStudy, PermissionDenied, SostradesError
from sostrades_cli.exit_codes import combined_error
from sostrades_cli.output.disciplines import without_root
from sostrades_cli.output.text import listed
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.calculations import CalculationsApi
    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.operations.context import Context

# So many fit into a terminal, and their requests take about a second.
MOST_RECENT: Final = 10


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The state of each study in the requested order, or the error if it could not be read."""

    answers: Mapping[int, RunStatus | SostradesError]

    @property
    def states(self) -> list[RunStatus]:
        """Return the states that could be read."""
        return [answer for answer in self.answers.values() if not isinstance(answer, SostradesError)]

    @property
    def failures(self) -> dict[int, SostradesError]:
        """Return the errors by study."""
        return {study: answer for study, answer in self.answers.items() if isinstance(answer, SostradesError)}

    @property
    def failure(self) -> SostradesError | None:
        """Return the error of a single study, or the most severe error of several studies with the details of all."""
        failures = list(self.failures.values())
        if len(self.answers) == 1 or not failures:
            return next(iter(failures), None)
        return combined_error(failures, f"cannot read the status of {len(failures)} of {len(self.answers)} studies")

    @property
    def active(self) -> list[int]:
        """Return the studies with an active run."""
        return [state.study for state in self.states if state.phase in {Phase.ACTIVE, Phase.UNKNOWN}]


def read_statuses(calculations: CalculationsApi, studies: Sequence[int]) -> StatusReport:
    """Read the state of each study. A failure does not hide the other states.

    Raises
    ------
    SostradesError
        No state could be read.

    """
    report = StatusReport({study: _answer(calculations, study) for study in studies})
    if not report.states and report.failure is not None:
        raise report.failure
    return report


def read_recent_statuses(context: Context) -> StatusReport:
    """Read the states of the studies used last on this computer. Skip those that the key can no longer read."""
    answers: dict[int, RunStatus | SostradesError] = {}
    for study in (cached.study for cached in context.cache.studies()[:MOST_RECENT]):
        answer = _answer(context.api.calculations, study)
        if isinstance(answer, NoStudy):
            context.cache.forget(study)
            context.notify(f"{answer.message}. It is no longer in `sostrades study list`")
        elif isinstance(answer, PermissionDenied):
            context.notify(answer.message)
        else:
            answers[study] = answer
    return StatusReport(answers)


def _answer(calculations: CalculationsApi, study: int) -> RunStatus | SostradesError:
    try:
        return calculations.status(study)
    except SostradesError as error:
        return error


def cause_command(study: int) -> str:
    """Return the command that shows why the last run of a study failed."""
    return f"sostrades study logs {study}"


def next_command(state: RunStatus) -> str:
    """Return the next command on the way to a finished run. A failed run would fail again, so its cause comes first."""
    if state.phase is Phase.BAD:
        return cause_command(state.study)
    return f"sostrades calc {'watch' if state.phase is Phase.ACTIVE else 'run'} {state.study}"


def cause_notes(states: Sequence[RunStatus]) -> list[str]:
    """Return the note about the causes of failed runs, if there are any."""
    failed = [state for state in states if state.phase is Phase.BAD]
    if not failed:
        return []
    commands = listed([f"`{cause_command(state.study)}`" for state in failed])
    return [f"{commands} {'shows' if len(failed) == 1 else 'show'} the cause of the failure"]


def discipline_counts(state: RunStatus) -> str:
    """Return the number of disciplines per status, such as ``5 DONE, 1 RUNNING``.

    After a change, the server still gives the disciplines of the last run, so the text says so.
    """
    _, states = without_root(state.disciplines)
    counts = Counter(states.values())
    if state.phase is not Phase.ACTIVE:
        # Disciplines that stay PENDING after the end of a run never started: the count would mislead.
        counts.pop("PENDING", None)
    text = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    return f"last run: {text}" if text and state.phase is Phase.IDLE else text
