"""``sostrades demo``."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.prompt import ask
from sostrades_cli.cli.stub_options import server_option
from sostrades_cli.output.streams import Stream, transfer_once

if TYPE_CHECKING:
    from collections.abc import Generator

    from sostrades_cli.app import App

PAUSE: Final = "\nPress Enter for the next step, or Ctrl-C to stop. "


@framework.command(examples=["sostrades demo", "sostrades demo --server 5.3 --fast"], formats=[])
@server_option
@click.option("--fast", is_flag=True, help="Do not wait for Enter between steps.")
def command(app: App, behaviour: str, fast: bool) -> Stream:
    """Take a guided tour without a server.

    The tour runs real commands against a stub server on this computer. At a terminal it waits for Enter between steps.
    Your settings and files are not touched. Exit 0 only if every step gives the expected result.
    """
    from sostrades_cli.operations.tour import tour

    runtime = app.runtime
    # In a pipe, nobody can press Enter.
    waits = runtime.stdin.isatty() and runtime.stdout.isatty() and not fast
    pause = functools.partial(ask, runtime, PAUSE) if waits else None

    def output() -> contextlib.closing[Generator[bytes, None, None]]:
        return contextlib.closing(tour(behaviour, runtime.environ, pause))

    return Stream(output, transfer_once, trusted=True, live=True)
