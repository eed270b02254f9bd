"""``sostrades study tree``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import NODE

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades study tree 21",
        "sostrades study tree 21 --depth 1",
        "sostrades study tree 21 Macro --params",
        "sostrades study tree 21 -F json --query 'tree.children[].name'",
    ]
)
@study_argument
@click.argument("node", type=NODE, required=False)
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Show only this many levels below the start.")
@click.option("--params", is_flag=True, help="List the inputs and outputs of each node.")
def command(app: App, study: int, node: str | None, depth: int | None, params: bool) -> Rows:
    """Show the disciplines of a study as a tree.

    A node is a discipline, a coupling that runs several disciplines, a driver, or a folder. Its inputs are those that
    its discipline reads, and its outputs those that it computes, wherever they are stored. `study show` and
    `param list` count each parameter once, at the node that stores it. Solver settings are not counted. With NODE, only
    this node and the nodes below it are shown.

    The tree comes from the last finished run, also after a change if it was read before. Otherwise it follows from the
    names of the parameters, without models and outputs. A pipe gets indented lines, `-F tsv` a table, `-F json` nested
    objects.
    """
    from sostrades_cli.operations.structure.tree import read_tree
    from sostrades_cli.views.study_tree import tree_rows

    return tree_rows(read_tree(app.context, study, node, depth), parameters=params)
