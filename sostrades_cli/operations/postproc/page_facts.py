"""Collect facts for a page of charts: the address of the study's web page, and its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.api.models import UNKNOWN, has_tables
from sostrades_cli.errors import LinkFault, SostradesError
from sostrades_cli.operations.param.filters import Filters
from sostrades_cli.operations.param.selection import choose
from sostrades_cli.operations.postproc.offline_page import PageTable
from sostrades_cli.operations.study.load import read_only_parameters
from sostrades_cli.operations.tables.equality import equal
from sostrades_cli.output.text import brief, counted
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.postproc.gather import GatheredCharts


def web_address(context: Context, study: int) -> str | None:
    """Return the address of a study's web page, or ``None`` if the server does not give it.

    A page of charts is complete without this link, so a failure is only a note.
    """
    try:
        return context.api.studies.url(study)
    except LinkFault:
        # Some servers never give the address, so the note would appear with every page.
        return None
    except SostradesError as error:
        context.notify(f"the page has no link to study {study} on the server: {error.message}")
        return None


def changed_inputs(context: Context, gathered: GatheredCharts) -> PageTable | None:
    """Return the inputs of the last run that differ from their defaults, or ``None`` if the defaults are unknown."""
    inputs = _inputs(context, gathered)
    if not inputs:
        return None
    defaults = {name: parameter.default for name, parameter in inputs.items() if parameter.default is not UNKNOWN}
    selection = choose(inputs, Filters(changed=True), defaults)
    rows = [
        (name, _value(inputs[name].value), _value(defaults[name]), inputs[name].unit or "") for name in selection.shown
    ]
    headings = [f"{counted(len(rows), 'input')} with another value than the default"] if rows else []
    title = "; ".join([*headings, *selection.notes])
    return PageTable(f"{title[:1].upper()}{title[1:]}", ("input", "value", "default", "unit"), rows)


def different_inputs(context: Context, a: GatheredCharts, b: GatheredCharts) -> PageTable | None:
    """Return the inputs that differ between the last runs of two studies, or ``None`` if they are unknown."""
    of_a, of_b = (_inputs(context, side) for side in (a, b))
    if not of_a or not of_b:
        return None
    names = dict.fromkeys([*of_a, *of_b])
    # Comparing tables would need two downloads per table.
    uncompared = {name for name in of_a.keys() & of_b if has_tables(of_a[name].value) and has_tables(of_b[name].value)}
    rows = [
        (name, _value_of(of_a.get(name)), _value_of(of_b.get(name)), (of_a.get(name) or of_b[name]).unit or "")
        for name in names
        if name not in uncompared and (name not in of_a or name not in of_b or _differ(of_a[name], of_b[name].value))
    ]
    title = f"Inputs that differ between A and B: {len(rows) or 'none'} of {len(names) - len(uncompared)}"
    left_out = f" ({counted(len(uncompared), 'table')} not compared)" if uncompared else ""
    return PageTable(title + left_out, ("input", "A", "B", "unit"), rows)


def _inputs(context: Context, gathered: GatheredCharts) -> dict[str, Parameter]:
    """Return the inputs of the last run, by names without the study's own name. Empty without a finished run."""
    if gathered.stale:
        return {}
    parameters = read_only_parameters(context, gathered.study)
    return {
        short_key(gathered.name, name): parameter for name, parameter in parameters.items() if parameter.kind == "input"
    }


def _differ(parameter: Parameter, other: Json) -> bool:
    return not equal(parameter.value, other, parameter.type)


def _value(value: Json) -> str:
    return "table" if has_tables(value) else brief(value)


def _value_of(parameter: Parameter | None) -> str:
    return "not an input" if parameter is None else _value(parameter.value)
