"""``sostrades demo``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.optional_deps import require
from sostrades_cli.output.results import Stream

if TYPE_CHECKING:
    from collections.abc import Generator

    from sostrades_cli.app import App


@framework.command(examples=["sostrades demo", "sostrades demo --server 5.3"], formats=[])
@click.option(
    "--server",
    "behaviour",
    type=click.Choice(["documented", "5.0", "5.3"]),
    default="documented",
    help="Whose faults the stub has.",
)
def command(app: App, behaviour: str) -> Stream:
    """Take a guided tour: the real commands, one after the other, against a stub server on this machine.

    Each command line is printed before its true output. Exit 0 only if every step did what it says.
    """
    require("flask", extra="stub")

    from sostrades_cli.operations.tour import tour  # noqa: PLC0415 - start-up

    def output() -> contextlib.closing[Generator[bytes, None, None]]:
        return contextlib.closing(tour(behaviour, app.runtime.environ))

    return Stream(output, lambda transfer: transfer(), trusted=True)
