"""``sostrades completion``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.completion.install import Shell
from sostrades_cli.completion.shell_scripts import SCRIPTS
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
    endings=["bash", "fish", "sh", "txt", "zsh"],
    lenient=True,
)
@click.argument("shell", type=click.Choice(sorted(SCRIPTS)), metavar="bash|zsh|fish")
@click.option("--install", is_flag=True, help="Put it where the shell finds it at its next start.")
@click.option("--uninstall", is_flag=True, help="Take it away again.")
@click.option("--status", is_flag=True, help="Show where it is installed, and whether it is current.")
def command(app: App, shell: str, install: bool, uninstall: bool, status: bool) -> Rows | Text:
    """Complete commands, studies and parameters in a shell.

    Without an option the script is printed. It completes commands, options, aliases, studies that were seen, and the
    names and values of their parameters, all from memory: no server is asked. bash and zsh get a line in .bashrc or
    .zshrc, which --uninstall removes.
    """
    if install + uninstall + status > 1:
        raise UsageError("--install, --uninstall and --status exclude each other", hint=f"sostrades completion {shell}")
    if not (install or uninstall or status):
        return Text(SCRIPTS[shell].rstrip("\n"), {"shell": shell, "script": SCRIPTS[shell]})
    files = Shell(shell, app.runtime.environ)
    if install:
        files.install()
    elif uninstall:
        files.uninstall()
    rows = [(part.what, str(part.path), part.state) for part in files.parts()]
    notes = ["it works in shells that are started from now on"] if install else []
    return Rows(("part", "file", "state"), rows, notes=notes)
