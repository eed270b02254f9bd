"""``sostrades completion``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.shell_completion import script_of
from sostrades_cli.completion.install import NAMES, Shell
from sostrades_cli.errors import UsageError
from sostrades_cli.output.results import Rows, Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades completion bash --install",
        "sostrades completion zsh --status",
        "source <(sostrades completion bash)",
    ],
    endings=["bash", "fish", "ps1", "sh", "txt", "zsh"],
    lenient=True,
)
@click.argument("shell", type=click.Choice(sorted(NAMES)), metavar="bash|zsh|fish|powershell")
@click.option("--install", is_flag=True, help="Put it where the shell finds it at its next start.")
@click.option("--uninstall", is_flag=True, help="Take it away again.")
@click.option("--status", is_flag=True, help="Show where it is installed, and whether it is current.")
def command(app: App, shell: str, install: bool, uninstall: bool, status: bool) -> Rows | Text:
    """Complete commands, studies and parameters in a shell.

    Without an option the script is printed. It completes commands, options, aliases, studies that were loaded before,
    and the names and values of their parameters. All of these are stored on this machine: no request is sent.
    --install writes the script, and a line in .bashrc, .zshrc or the profile of PowerShell that sources it;
    --uninstall removes both. SOSTRADES_POWERSHELL_PROFILE is the path of that profile, if $PROFILE is not its default.
    """
    if install + uninstall + status > 1:
        raise UsageError("--install, --uninstall and --status exclude each other", hint=f"sostrades completion {shell}")
    script = script_of(shell)
    if not (install or uninstall or status):
        return Text(script.rstrip("\n"), {"shell": shell, "script": script})
    files = Shell(shell, script, app.runtime.environ)
    if install:
        files.install()
    elif uninstall:
        files.uninstall()
    rows = [(file.part, str(file.path), file.state) for file in files.parts()]
    notes = ["it works in shells that are started from now on"] if install else []
    return Rows(("part", "file", "state"), rows, notes=notes)
