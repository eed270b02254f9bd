"""``sostrades api``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.operations.raw_request import read_body, request
from sostrades_cli.output.results import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades api GET /api/v0/calculation/status/21",
        'sostrades api POST /api/v0/study-case/21/parameter/download --data \'{"parameter_key": "dice.Macro.gamma"}\'',
        "sostrades api POST /api/v0/study-case/21/parameters --data @change.json",
    ],
    formats=[],
    queries=True,
)
@click.argument("method", type=click.Choice(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.option("--data", metavar="TEXT|@FILE|@-", help="Body of the request: a text, a file, or standard input.")
@click.option(
    "--content-type", default="application/json", metavar="TYPE", help="Its type; application/json unless said."
)
def command(app: App, method: str, path: str, data: str | None, content_type: str) -> Stream:
    """Send a raw request with the key and print the body of the answer.

    PATH is as documented: /api/v0/... GET and HEAD are repeated while the server is not to be reached; anything else is
    sent once. --query takes a part of an answer that is JSON.
    """
    body = read_body(data, app.runtime.stdin)

    @contextlib.contextmanager
    def answer() -> Iterator[Iterator[bytes]]:
        with request(app.api.session, method.upper(), path, body, content_type) as chunks:
            yield chunks

    return Stream(answer, lambda transfer: transfer())
