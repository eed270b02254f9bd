"""``sostrades study load``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.cli.filter_options import filter_options
from sostrades_cli.cli.options import duration_option, study_argument
from sostrades_cli.operations.study.load import LOAD_TIMEOUT_S, load
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.param.filters import Filters
    from sostrades_cli.operations.study.load import Loaded
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades study load 21",
        "sostrades study load 21 --match '*.Macro.*'",
        "sostrades study load 21 --node Macro --sort type",
        "sostrades study load 21 -F json --query '\"dice.Macro.gamma\".value'",
    ]
)
@study_argument
@duration_option(
    "--timeout",
    "timeout_s",
    text="Give up if loading takes longer than this.",
    default=LOAD_TIMEOUT_S,
    default_text=f"{LOAD_TIMEOUT_S:g}s",
)
@filter_options
def command(app: App, study: int, timeout_s: float, filters: Filters) -> Rows | Text:
    """Show the parameters of a study.

    Solver settings are hidden, unless you give --all. A load of the server has no outputs; --outputs adds those of the
    last finished run. -F json prints the complete answer of the server, or the matching part of it with a filter.
    """
    loaded = load(app.context, study, timeout_s)
    if app.format == "json" and not filters.is_set:
        from sostrades_cli.operations.study.own_name import own_name

        # This caches the name, so that commands accept it as STUDY.
        own_name(app.context, study, loaded.parameters)
        return Text("", loaded.payload)
    return _listed(app, study, loaded, filters)


def _listed(app: App, study: int, loaded: Loaded, filters: Filters) -> Rows:
    from sostrades_cli.operations.param.read import (
        ParameterListing,
        with_outputs,
    )
    from sostrades_cli.operations.param.selection import select_parameters
    from sostrades_cli.operations.param.value_words import read_list
    from sostrades_cli.views.parameters import parameter_rows

    context = app.context
    computed = with_outputs(context, study) if filters.outputs else ParameterListing({})
    parameters = {**loaded.parameters, **computed.parameters}
    selection = select_parameters(context, study, parameters, filters)
    payload = {**loaded.payload, **{name: p.to_api() for name, p in computed.parameters.items()}}
    return parameter_rows(
        study,
        selection,
        ("parameter", "type", "unit", "value"),
        read_list(context, study, selection, for_people=app.for_people, unread=computed.unread),
        notes=[computed.note] if computed.note else [],
        payload={name: payload[name] for name in selection.matching} if filters.is_set else loaded.payload,
    )
