"""``sostrades help``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.help_topics import SUBJECT, help_text
from sostrades_cli.output.streams import Stream, transfer_once

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=["sostrades help study load", "sostrades help exit-codes"],
    formats=[],
    endings=["txt"],
    lenient=True,  # help must work with any settings
)
@click.argument("words", nargs=-1, type=SUBJECT, metavar="[COMMAND|TOPIC]...")
def command(app: App, words: tuple[str, ...]) -> Stream:  # noqa: ARG001 - every command takes the App
    """Show the help of a command or a topic.

    The topics are arguments, options, exit-codes and environment.
    """
    text = f"{help_text(words, click.get_current_context().find_root())}\n"
    return Stream(lambda: contextlib.nullcontext(iter([text.encode()])), transfer_once, trusted=True)
