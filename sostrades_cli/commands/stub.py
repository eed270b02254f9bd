"""``sostrades stub``."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import Option
from sostrades_cli.cli.stub_options import server_option
from sostrades_cli.operations.stub import paste_lines, require_free_port
from sostrades_cli.output.streams import Stream, transfer_once
from sostrades_cli.system import in_slices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.app import App


@framework.command(examples=["sostrades stub", "sostrades stub --server 5.3 --port 5004 --speed 20"], formats=[])
@click.option(
    "--port",
    cls=Option,
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Port on 127.0.0.1.",
    default_text="a free port",
)
@server_option
@click.option(
    "--world", type=click.Choice(["demo", "witness"]), default="demo", show_default=True, help="Studies of the stub."
)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    metavar="X",
    help="Speed factor of runs, updates and loading.",
)
@click.option(
    "--ontology",
    type=click.Choice(["on", "off", "down"]),
    default="on",
    show_default=True,
    help="State of the ontology service.",
)
@click.option("--env", "only_lines", is_flag=True, help="Print only the lines to paste.")
def command(app: App, port: int, behaviour: str, world: str, speed: float, ontology: str, only_lines: bool) -> Stream:
    """Run a stub server on this computer.

    The stub behaves like a SoSTrades server, known faults included. It serves this computer only, until you press
    Ctrl-C. At a terminal, it prints two lines to paste into another terminal, in a pipe one line of JSON with url, key,
    user_key and studies. In the demo, study 11 (Ishigami) and 12 (g-function) have known sensitivity indices, 13 has 31
    sectors, 21 all types of parameters; 22 fails, 23 is large, 24 never loads, and 26 never ends.

    Below this url, /stub/openapi.json describes the API, and /stub/requests lists the requests received. To test how a
    script handles faults, send them to /stub/faults with POST, for example {"kind": "drop", "path": "execute"}. To
    change the state of the ontology service, PUT it to /stub/ontology: {"state": "down"}.
    """
    # The server starts only while its output is written, after the notes below.
    require_free_port(port)
    at_terminal = app.runtime.stdout.isatty() and app.flags.file is None

    @contextlib.contextmanager
    def serving() -> Iterator[Iterator[bytes]]:
        from server_stub.server import ready_line, running
        from server_stub.worlds import build_world

        built = build_world(world, server=behaviour, speed=speed, ontology=ontology)
        with running(built, port) as url:
            pasted = only_lines or at_terminal
            yield _lines(paste_lines(url, built.key, app.runtime.environ) if pasted else ready_line(built, url))

    if not only_lines:
        app.notes.inform("Press Ctrl-C to stop the stub.")
        if at_terminal:
            app.notes.inform("To use it, paste these two lines into another terminal:")
    return Stream(serving, transfer_once, trusted=True, live=True)


def _lines(ready: str) -> Iterator[bytes]:
    yield f"{ready}\n".encode()
    for slice_s in in_slices(None):
        time.sleep(slice_s)
