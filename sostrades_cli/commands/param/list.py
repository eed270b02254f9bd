"""``sostrades param list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.filter_options import filter_options
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import SEARCH_WORDS
from sostrades_cli.operations.param.outputs import is_output
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.param.filters import Filters
    from sostrades_cli.operations.param.read import ParameterListing
    from sostrades_cli.operations.param.selection import ParameterSelection
    from sostrades_cli.output.results import Rows

_COLUMNS: Final = ("parameter", "kind", "type", "unit", "value")


@framework.command(
    examples=[
        "sostrades param list 21",
        "sostrades param list 21 --outputs --sort unit",
        "sostrades param list 21 --node Macro --type float",
        "sostrades param list 21 --changed",
        "sostrades param list 21 --match price -F json",
        "sostrades param list 21 --labels",
        "sostrades param list 21 --search 'carbon stock'",
    ]
)
@study_argument
@filter_options
@click.option("--labels", "labelled", is_flag=True, help="Show labels and definitions of the ontology.")
@click.option(
    "--search",
    type=SEARCH_WORDS,
    metavar="WORDS",
    help="Only with all words in name, label or definition; adds --labels.",
)
def command(app: App, study: int, filters: Filters, labelled: bool, search: str | None) -> Rows:
    """List the parameters of a study.

    A parameter is an input, an output, a coupling (computed by another discipline) or a solver setting. Outputs have
    values after a finished run. If the study was changed since that run, outputs are listed without values. If the
    server cannot load the study, the parameters in the cache are listed.

    Each parameter is listed once, at the node that stores it; a coupling with a start value is among the inputs. Inputs
    that a model declares as not editable are not listed, but `param show` and `param set` accept them.

    --match is a pattern or a part of a name, in any case: 'Macro.*', price. Several filters must all match. A table
    shows its rows and columns if it was read before, or if the list has at most 20 tables. -F json has the values as
    the server shows them.

    Labels and definitions are those that the last finished run has kept, or those of the server's ontology service.
    --search ignores case and accents.
    """
    from sostrades_cli.operations.ontology.metadata import labels_of  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.ontology.search import matching, nothing_found  # noqa: PLC0415
    from sostrades_cli.operations.param import selection  # noqa: PLC0415
    from sostrades_cli.operations.param.read import defaults_of, list_parameters  # noqa: PLC0415
    from sostrades_cli.operations.param.value_words import read_list  # noqa: PLC0415
    from sostrades_cli.views.labels import with_labels  # noqa: PLC0415
    from sostrades_cli.views.parameters import parameter_rows  # noqa: PLC0415

    context = app.context
    listed = list_parameters(context, study, inputs=filters.needs_inputs, outputs=filters.needs_outputs)
    labels = labels_of(context, study, listed.parameters) if labelled or search is not None else None
    known = listed.parameters
    if labels is not None and search is not None:
        known = matching(search, known, labels.usages)
    unread = listed.unread
    defaults = selection.require_defaults(study, defaults_of(context, study, unread)) if filters.changed else None
    chosen = selection.choose(known, filters, defaults)
    if labels is not None and search is not None and not known:
        chosen = chosen._replace(notes=(nothing_found(search, labels.usages),))
    values = read_list(context, study, chosen, for_people=app.for_people, unread=unread)
    rows = parameter_rows(study, chosen, _COLUMNS, values, notes=_notes(listed, chosen, filters))
    return rows if labels is None else with_labels(rows, chosen, labels)


def _notes(listed: ParameterListing, chosen: ParameterSelection, filters: Filters) -> list[str]:
    """Return the notes on outputs, unless filters have left only other parameters."""
    notes = []
    is_about_rows = any(is_output(chosen.parameters[name]) for name in chosen.shown)
    if listed.note and (is_about_rows or filters.outputs or not filters.is_set or not chosen.matching):
        notes.append(listed.note)
    if listed.start_values and not filters._replace(outputs=False).is_set:
        couplings = counted(listed.start_values, "coupling")
        notes.append(f"a run computes {couplings} with a start value, too: list them with --inputs")
    return notes
