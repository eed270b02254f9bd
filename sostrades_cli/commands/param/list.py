"""``sostrades param list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.filter_options import filter_options
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import SEARCH_WORDS

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
    from sostrades_cli.operations.param.read import list_parameters
    from sostrades_cli.operations.param.selection import select_parameters

    listed = list_parameters(app.context, study, inputs=filters.needs_inputs, outputs=filters.needs_outputs)
    if labelled or search is not None:
        return _labelled(app, study, listed, filters, search)
    selection = select_parameters(app.context, study, listed.parameters, filters, listed.unread)
    return _rows(app, study, listed, selection, filters)


def _labelled(app: App, study: int, listed: ParameterListing, filters: Filters, search: str | None) -> Rows:
    """Return the list with labels, of the parameters that have the words of ``search``."""
    # Labels cost a request and their modules a tenth of the start, so a plain list does without both.
    from sostrades_cli.operations.ontology.metadata import labels_of
    from sostrades_cli.operations.ontology.search import matching, nothing_found
    from sostrades_cli.operations.param.selection import select_parameters
    from sostrades_cli.views.labels import with_labels

    labels = labels_of(app.context, study, listed.parameters)
    searched = listed.parameters if search is None else matching(search, listed.parameters, labels.usages)
    selection = select_parameters(app.context, study, searched, filters, listed.unread)
    if search is not None and not searched:
        # The usual note suggests names, but a search also covers labels and definitions.
        selection = selection._replace(notes=(nothing_found(search, labels.usages),))
    return with_labels(_rows(app, study, listed, selection, filters), selection, labels)


def _rows(app: App, study: int, listed: ParameterListing, selection: ParameterSelection, filters: Filters) -> Rows:
    from sostrades_cli.operations.param.value_words import read_list
    from sostrades_cli.views.parameters import output_notes, parameter_rows

    values = read_list(app.context, study, selection, for_people=app.for_people, unread=listed.unread)
    return parameter_rows(study, selection, _COLUMNS, values, notes=output_notes(listed, selection, filters))
