"""The states of calculations as rows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import SostradesError
from sostrades_cli.exit_codes import combined_error
from sostrades_cli.operations.calc.status import discipline_counts
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.run_troubles import NO_RUN
from sostrades_cli.output.text import TextCell, rounded, shown
from sostrades_cli.run_events import NO_FIGURE
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.run_status import RunStatus


COLUMNS: Final = ("study", "status", "disciplines", "cpu", "memory")


def status_rows(
    states: Sequence[RunStatus],
    *,
    several: bool = False,
    failure: SostradesError | None = None,
    names: Mapping[int, str] = MappingProxyType({}),
    notes: Sequence[str] = (),
) -> Rows:
    """Return a row per study. The JSON is the server's own object, or a list of them for ``several`` studies.

    A terminal also shows the ``names`` of the studies, if there are any.
    """
    rows = [
        (state.study, state.status or NO_RUN, discipline_counts(state), _load(state.cpu), _load(state.memory))
        for state in states
    ]
    # A terminal needs no columns without a value, such as the loads of a run that has only been started.
    filled = [n for n, name in enumerate(COLUMNS) if name == "study" or any(shown(row[n]) for row in rows)]
    heads, cells = [COLUMNS[n] for n in filled], [list[object](row[n] for n in filled) for row in rows]
    if names:
        heads.insert(1, "name")
        for state, row in zip(states, cells, strict=True):
            row.insert(1, names.get(state.study))
    # Scripts get what the server has sent.
    payload = [state.payload for state in states]
    return Rows(
        COLUMNS,
        rows,
        payload=payload if several else payload[0],
        failure=failure,
        notes=notes,
        shown=TerminalTable(tuple(heads), cells),
    )


def idle_note(states: Sequence[RunStatus]) -> str:
    """Return a note about the studies without an active run; empty if there are none."""
    idle = [state for state in states if state.phase not in {Phase.ACTIVE, Phase.UNKNOWN}]
    studies = ", ".join(f"study {state.study} ({state.status or NO_RUN})" for state in idle)
    return f"not watched, because no run is active: {studies}" if idle else ""


def started_rows(starts: Mapping[int, RunStatus | SostradesError]) -> Rows:
    """Return a row per started study, and the error of those that were not started."""
    states = [answer for answer in starts.values() if not isinstance(answer, SostradesError)]
    failures = [answer for answer in starts.values() if isinstance(answer, SostradesError)]
    failure = (
        combined_error(failures, f"{len(failures)} of {len(starts)} studies were not started") if failures else None
    )
    if not states:
        return Rows((), (), failure=failure)
    return status_rows(states, several=len(starts) > 1, failure=failure)._replace(confirms=True)


def _load(text: str) -> TextCell:
    """Return a load of the server's host, such as ``1.05/23.54 [GB]``, rounded; the JSON has all digits."""
    if text == NO_FIGURE:
        return TextCell(None, "", number=True)
    return TextCell(rounded(text), rounded(text), number=True)
