"""``sostrades stub``."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.errors import UsageError
from sostrades_cli.optional_deps import require
from sostrades_cli.output.results import Stream
from sostrades_cli.system import in_slices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.app import App


@framework.command(examples=["sostrades stub", "sostrades stub --server 5.3 --port 5004 --speed 20"], formats=[])
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port on 127.0.0.1; a free one unless said."
)
@click.option(
    "--server",
    "behaviour",
    type=click.Choice(["documented", "5.0", "5.3"]),
    default="documented",
    help="Whose faults it has.",
)
@click.option("--world", type=click.Choice(["demo", "witness"]), default="demo", help="Which studies it holds.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    metavar="X",
    help="How much faster runs, updates and loading go.",
)
def command(app: App, port: int, behaviour: str, world: str, speed: float) -> Stream:
    """Serve the stub: a server that behaves like a real one, faults included.

    Prints one line of JSON (url, key, user_key, studies) when it is ready, then serves on this machine only,
    until it is interrupted. Below the url, /stub/openapi.json gives the API as an OpenAPI document, /stub/requests what
    was asked, and what is sent to /stub/faults, such as {"kind": "drop", "path": "execute"}, spoils the next requests.
    """
    require("flask", extra="stub")
    require_free_port(port)

    @contextlib.contextmanager
    def serving() -> Iterator[Iterator[bytes]]:
        from server_stub.server import running  # noqa: PLC0415 - the extra may be missing
        from server_stub.worlds import build_world  # noqa: PLC0415

        built = build_world(world, server=behaviour, speed=speed)
        with running(built, port) as url:
            ready = {"url": url, "key": built.key, "user_key": built.user_key, "studies": sorted(built.studies)}
            yield _lines(json.dumps(ready))

    app.notes.inform("ends with Ctrl-C")
    return Stream(serving, lambda transfer: transfer())


def require_free_port(port: int) -> None:
    """Refuse a port on which something listens."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be had: {error.strerror}", hint="leave --port away for a free one"
            ) from error


def _lines(ready: str) -> Iterator[bytes]:
    yield f"{ready}\n".encode()
    for slice_s in in_slices(None):
        time.sleep(slice_s)
