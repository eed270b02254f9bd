"""The option of the commands that start a stub."""

from __future__ import annotations

from typing import Final

import click

server_option: Final = click.option(
    "--server",
    "behaviour",
    type=click.Choice(["documented", "5.0", "5.3"]),
    default="documented",
    show_default=True,
    help="Server version to imitate, faults included.",
)
