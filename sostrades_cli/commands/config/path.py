"""``sostrades config path``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades config path"], lenient=True)
def command(app: App) -> Text:
    """Print where config.toml is.

    It need not be there: `sostrades config set` and `sostrades auth login` make it.
    """
    path = app.folders.config / "config.toml"
    return Text(str(path), {"path": str(path), "exists": path.exists()})
