"""``sostrades config path``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades config path"], lenient=True, tables=False)
def command(app: App) -> Text:
    """Print the path of config.toml.

    The file may not exist yet: `sostrades config set` and `sostrades auth login` create it.
    """
    path = app.folders.config / "config.toml"
    return Text(str(path), {"path": str(path), "exists": path.exists()})
