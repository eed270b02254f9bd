"""``sostrades param trace``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import KEY
from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades param trace 21 Macro.gamma",
        "sostrades param trace 21 Damage.total_damage --up --depth 1",
        "sostrades param trace 21 Macro.gamma --path Damage.total_damage",
        "sostrades param trace 21 Macro.gamma -F json --query can_change",
    ]
)
@study_argument
@click.argument("key", type=KEY)
@click.option("--up", is_flag=True, help="Only where the value comes from.")
@click.option("--down", is_flag=True, help="Only what the value feeds.")
@click.option("--depth", type=click.IntRange(min=1), metavar="N", help="Follow at most this many disciplines.")
@click.option("--path", "end", type=KEY, metavar="OUTPUT", help="Print the shortest chain to this parameter.")
def command(app: App, study: int, key: str, up: bool, down: bool, depth: int | None, end: str | None) -> Rows:
    """Show where a value comes from, and what it feeds.

    A discipline is reached through the parameters that it reads. All that it computes can change then: which of its
    outputs depends on which of its inputs is unknown. The couplings are those of the last finished run.

    The server does not show what a driver does with the disciplines below it. Where a driver or a generator of samples
    can be on the way, the trace is not complete, and parameters that may be affected are listed separately.

    A terminal shows a tree. In a pipe and in tables, each parameter that a discipline reads or computes is a row.

    With --path, each parameter of the chain is read by a discipline that computes the next one.
    """
    from sostrades_cli.operations.structure import trace
    from sostrades_cli.views.parameter_trace import chain_rows, trace_rows

    if end is not None:
        if up or down or depth is not None:
            raise UsageError("--path cannot be combined with --up, --down or --depth", hint="remove one of them")
        return chain_rows(trace.chain(app.context, study, key, end))
    # Neither option, and both, mean both directions.
    directions = tuple(name for name, chosen in ((trace.UP, up), (trace.DOWN, down)) if chosen or up == down)
    return trace_rows(trace.trace(app.context, study, key, directions, depth))
