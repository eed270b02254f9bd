"""``sostrades auth status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.local.config_file import read_config
from sostrades_cli.operations.auth_status import key_states
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades auth status", "sostrades auth status -F json"])
def command(app: App) -> Rows:
    """Show where the key comes from, and check it.

    There is one row per profile of config.toml, and one for the server in use. Exit 0 if the server in use accepts the
    key, 4 if it rejects the key or there is no key, 6 if it cannot be reached, 7 if it is not a SoSTrades API.
    """
    states = key_states(app.key_sources, read_config(app.folders), app.connect)
    rows = [(s.profile, s.host, s.source, s.state, s.in_use) for s in states]
    # Only the server in use decides the exit code; other profiles may be out of reach.
    failure = next((s.error for s in states if s.in_use), None)
    return Rows(("profile", "host", "source", "key", "in_use"), rows, failure=failure)
