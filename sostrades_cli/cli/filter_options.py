"""The options that select parameters, the same for every command that lists them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import click

from sostrades_cli.cli.param_types import NAME_PATTERN, NODE, TITLE_PATTERN, TYPE, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.app import App


def match_option(things: str) -> Callable[[Any], Any]:
    """Return a decorator that adds ``--match``, for names or titles."""
    pattern = TITLE_PATTERN if things == "charts" else NAME_PATTERN
    return click.option(
        "--match", type=pattern, metavar="GLOB", help=f"Only {things} that match a pattern or contain this text."
    )


# The fields of `Filters`, which is not imported for --help.
FIELDS: Final = ("match", "inputs", "outputs", "solver", "types", "units", "node", "changed", "sort", "everything")
SORTS: Final = ("parameter", "kind", "type", "unit", "value")

_OPTIONS: Final = (
    match_option("parameters"),
    click.option("--inputs", is_flag=True, help="Only inputs: parameters that can be set."),
    click.option("--outputs", is_flag=True, help="Only outputs: parameters that a run computes."),
    click.option("--solver", is_flag=True, help="Only solver settings."),
    click.option("--all", "everything", is_flag=True, help="Include solver settings."),
    click.option("--type", "types", multiple=True, type=TYPE, metavar="TYPE", help="Only this type; can be repeated."),
    click.option(
        "--unit", "units", multiple=True, type=UNIT, metavar="UNIT", help="Only this unit; '' is none; can be repeated."
    ),
    click.option("--node", type=NODE, metavar="NODE", help="Only parameters of this node and the nodes below it."),
    click.option("--changed", is_flag=True, help="Only inputs with another value than the model declares."),
    click.option("--sort", type=click.Choice(SORTS), metavar="|".join(SORTS), help="Sort by this column."),
)


def filter_options(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the options that select parameters. The command gets ``filters``."""

    @functools.wraps(function)
    def wrapper(app: App, **options: Any) -> Any:  # noqa: ANN401 - any command's
        from sostrades_cli.operations.param.filters import Filters

        return function(app, filters=Filters(**{name: options.pop(name) for name in FIELDS}), **options)

    for option in reversed(_OPTIONS):
        wrapper = option(wrapper)
    return wrapper
