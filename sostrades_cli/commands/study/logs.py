"""``sostrades study logs``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import Option, duration_option, study_argument
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.calc.follow_log import LINES, follow, last_lines
from sostrades_cli.operations.calc.watch_options import WatchOptions
from sostrades_cli.output.streams import Stream, transfer_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades study logs 21",
        "sostrades study logs 21 --lines 20",
        "sostrades study logs 21 --follow",
        "sostrades study logs 22 | grep ERROR",
    ],
    formats=[],
    endings=["log", "txt"],
    interrupted="sostrades calc watch {studies}",
    remains="a run on the server is not stopped",
    follows=True,
)
@study_argument
@click.option(
    "--follow", "-f", "following", is_flag=True, help="Print new lines until the run ends, then exit as `calc watch`."
)
@click.option(
    "--lines",
    "-n",
    cls=Option,
    type=click.IntRange(0),
    metavar="N",
    help="Print only the last N lines.",
    default_text="all, 10 with --follow",
)
@click.option("--since-start", is_flag=True, help="With --follow, print the whole log first.")
@duration_option("--timeout", "timeout_s", text="With --follow, stop after this long (exit 124).")
def command(
    app: App, study: int, following: bool, lines: int | None, since_start: bool, timeout_s: float | None
) -> Stream:
    """Print the log of the last run.

    The log is printed as the server wrote it. A study without a run has no log (exit 8).
    """
    if since_start and (lines is not None or not following):
        raise UsageError(
            "--since-start needs --follow, and excludes --lines",
            hint=f"sostrades study logs {study} --follow --since-start",
            study=study,
        )

    if timeout_s is not None and not following:
        raise UsageError("--timeout needs --follow", hint=f"sostrades study logs {study} --follow", study=study)

    @contextlib.contextmanager
    def log() -> Iterator[Iterator[bytes]]:
        if following:
            first = None if since_start else LINES if lines is None else lines
            yield follow(app.context, study, WatchOptions(timeout_s=timeout_s), first)
            return
        with app.api.studies.log_stream(study) as chunks:
            yield chunks if lines is None else iter([last_lines(chunks, lines)])

    # `follow` retries by itself. A repeated transfer would print its lines again.
    return Stream(log, transfer_once if following else app.api.session.repeat, live=following)
