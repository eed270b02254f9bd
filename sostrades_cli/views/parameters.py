"""Parameters as rows: what is shown, what is hidden, and how a value looks in short."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import ARRAY, TABLE, Phase, has_tables
from sostrades_cli.errors import SostradesError
from sostrades_cli.exit_codes import severity
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import brief, counted, rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.calculations import CalculationsApi
    from sostrades_cli.api.models import Json, Parameter, RunStatus
    from sostrades_cli.operations.context import Context


NO_RUN: Final = "NO RUN"
# Columns with texts of the server about its whole host, such as 0.5/2 and 1.05/23.54 [GB].
LOADS: Final = frozenset({"cpu", "memory"})
_PLACEHOLDERS: Final = {TABLE: "table", ARRAY: "array"}


@dataclass(frozen=True, slots=True)
class ParameterSelection:
    """The names of the parameters that fit, and of those that are shown of them.

    ``note`` is for people who asked for what is not there.
    """

    parameters: Mapping[str, Parameter]
    matching: list[str]
    shown: list[str]
    note: str | None = None


def choose(parameters: Mapping[str, Parameter], *, match: str | None, everything: bool) -> ParameterSelection:
    """Choose by glob (or by a part of the name, where it is none), then hide solver settings."""
    found = list(parameters) if match is None else name_lookup.fitting(parameters, match)
    shown = [name for name in found if everything or not parameters[name].is_solver_setting]
    note = name_lookup.none_fits(match, parameters) if match is not None and not found else None
    if found and not shown:
        note = f"only {counted(len(found), 'solver setting')} {'fits' if len(found) == 1 else 'fit'}: --all shows them"
    return ParameterSelection(parameters, found, shown, note)


def parameter_rows(chosen: ParameterSelection, title: str, payload: Json) -> Rows:
    """Return name, type, unit and value of each; ``payload`` is what ``-F json`` prints."""
    columns = ("parameter", "type", "unit", "value")
    rows = [(p.name, p.type, p.unit, p.value) for p in map(chosen.parameters.__getitem__, chosen.shown)]
    return Rows(columns, rows, payload=payload, title=title, note=chosen.note, briefs={"value": _brief})


def kind_rows(chosen: ParameterSelection, title: str) -> Rows:
    """Return name, kind (input, output, coupling or solver), type, unit and value of each."""
    shown = map(chosen.parameters.__getitem__, chosen.shown)
    rows = [(p.name, kind_of(p), p.type, p.unit, p.value) for p in shown]
    columns = ("parameter", "kind", "type", "unit", "value")
    return Rows(columns, rows, title=title, note=chosen.note, briefs={"value": _brief})


def kind_of(parameter: Parameter) -> str:
    """Return what a parameter is to the model; a coupling variable with a start value is an input of a loop, too."""
    if parameter.is_solver_setting:
        return "solver"
    # A load has no word for coupling, but marks start values as optional.
    if parameter.coupling or (parameter.coupling is None and parameter.optional):
        return "coupling"
    return "output" if parameter.io_type == "out" else "input"


def status_rows(states: Sequence[RunStatus]) -> Rows:
    """Return the state of one study or several; as JSON the server's own object, or a list of them."""
    rows = [(s.study, s.status or NO_RUN, _tally(s), s.cpu, s.memory) for s in states]
    payload = [s.payload for s in states]
    columns = ("study", "status", "disciplines", "cpu", "memory")
    return Rows(
        columns,
        rows,
        payload=payload[0] if len(payload) == 1 else payload,
        briefs=dict.fromkeys(LOADS, rounded),
        right=LOADS,
    )


def statuses(calculations: CalculationsApi, studies: Sequence[int]) -> Rows:
    """Ask for each study; one that cannot be seen does not hide the others, and is the error of all.

    Raises
    ------
    SostradesError
        None can be seen.

    """
    states, failures = [], []
    for study in studies:
        try:
            states.append(calculations.status(study))
        except SostradesError as error:
            failures.append(error)
    if not states:
        raise failures[0]
    rows = status_rows(states)
    several = [state.payload for state in states] if len(studies) > 1 else rows.payload
    worst = max(failures, key=severity) if failures else None
    if worst is not None and len(failures) > 1:
        worst.detail = "\n".join(error.message for error in failures)
    return replace(rows, payload=several, failure=worst)


def _tally(state: RunStatus) -> str:
    """Count disciplines by status; those that stay PENDING after the end tell nothing and are not shown."""
    counts = Counter(state.disciplines.values())
    if state.phase is not Phase.ACTIVE:
        counts.pop("PENDING", None)
    return ", ".join(f"{count} {status}" for status, count in counts.most_common())


def title(context: Context, study: int, chosen: ParameterSelection) -> str:
    """Return the line above a table of parameters: the study, how many are shown, how many hidden."""
    name = name_lookup.own_name(context, study, chosen.parameters)
    left = len(chosen.matching) - len(chosen.shown)
    hidden = f", {counted(left, 'solver setting')} hidden (--all)" if left else ""
    return f"{name + ' · ' if name else ''}study {study} · {counted(len(chosen.shown), 'parameter')}{hidden}"


def _brief(value: Json) -> str:
    if isinstance(value, dict) and has_tables(value):
        return "tables"
    return (_PLACEHOLDERS.get(value) if isinstance(value, str) else None) or brief(value)
