"""``sostrades completion``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.shell_completion import script_of
from sostrades_cli.completion.install import NAMES, Shell
from sostrades_cli.errors import UsageError
from sostrades_cli.output.results import Rows, Text
from sostrades_cli.output.streams import Stream, transfer_once

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades completion bash --install",
        "sostrades completion zsh --status",
        "source <(sostrades completion bash)",
    ],
    endings=["bash", "fish", "ps1", "sh", "txt", "zsh"],
    lenient=True,  # the script needs no settings
)
@click.argument("shell", type=click.Choice(sorted(NAMES)), metavar="bash|zsh|fish|powershell")
@click.option("--install", is_flag=True, help="Install the script for new shells.")
@click.option("--uninstall", is_flag=True, help="Remove the installed script.")
@click.option("--status", is_flag=True, help="Show where the script is installed, and whether it is current.")
def command(app: App, shell: str, install: bool, uninstall: bool, status: bool) -> Rows | Text | Stream:
    """Print or install tab completion for a shell.

    Without an option, the script is printed. It completes commands, options, and the studies, parameters and values
    that are stored on this computer. It sends no request. A stored format does not apply to the script.

    --install writes the script, and a line in .bashrc, .zshrc or the profile of PowerShell that loads it. If $PROFILE
    is not at its usual place, set SOSTRADES_POWERSHELL_PROFILE to its path.
    """
    if install + uninstall + status > 1:
        raise UsageError(
            "--install, --uninstall and --status cannot be used together",
            hint=f"sostrades completion {shell} --install",
        )
    script = script_of(shell)
    if not (install or uninstall or status):
        # A shell reads the script, so only an explicit option may turn it into JSON.
        if app.flags.format is not None or app.flags.query is not None:
            return Text(script.rstrip("\n"), {"shell": shell, "script": script})
        return Stream(lambda: contextlib.nullcontext(iter([script.encode()])), transfer_once, trusted=True)
    files = Shell(shell, script, app.runtime.environ)
    if install:
        files.install()
    elif uninstall:
        files.uninstall()
    rows = [(file.part, str(file.path), file.state) for file in files.parts()]
    notes = ["start a new shell to use it"] if install else []
    return Rows(("part", "file", "state"), rows, notes=notes, confirms=not status)
