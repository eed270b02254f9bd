"""``sostrades api``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.operations.raw_request import read_body, request
from sostrades_cli.output.streams import Stream, transfer_once

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades api GET /api/v0/calculation/status/21",
        "sostrades api GET /api/v0/study-case/21/1 --query 'length(@)'",
        "sostrades api POST /api/v0/study-case/21/parameters --data @change.json",
    ],
    formats=[],
    queries=True,
)
@click.argument("method", type=click.Choice(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.option("--data", metavar="TEXT|@FILE|@-", help="Body of the request: a text, a file or standard input.")
@click.option(
    "--content-type", default="application/json", show_default=True, metavar="TYPE", help="Content type of the body."
)
def command(app: App, method: str, path: str, data: str | None, content_type: str) -> Stream:
    """Send a raw request to the server.

    Your API key is sent with the request. PATH starts with /api/v0/. The body of the answer is printed
    with a newline at its end, at a terminal as indented JSON. -o FILE gets it unchanged, and --query prints a part of a
    JSON answer. GET, HEAD and OPTIONS without --data are retried while the server is unavailable. Other requests
    are sent once.
    """
    body = read_body(data, app.runtime.stdin)
    answer = functools.partial(request, app.api.session, method.upper(), path, body, content_type)
    # `request` retries reads itself, and the other requests must not be sent twice.
    return Stream(answer, transfer_once, document=True)
