"""``sostrades doctor``."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import STUDY
from sostrades_cli.errors import UsageError
from sostrades_cli.exit_codes import severity
from sostrades_cli.local.settings import SETTINGS
from sostrades_cli.local.settings_sources import holding
from sostrades_cli.operations.doctor import support_bundle
from sostrades_cli.operations.doctor.run import DoctorInputs, examine
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import TextCell
from sostrades_cli.views.setting_sources import explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.app import App
    from sostrades_cli.local.settings_sources import SettingSource
    from sostrades_cli.operations.doctor.check import Check


@framework.command(
    examples=["sostrades doctor", "sostrades doctor 21 -F json", "sostrades doctor --bundle support.zip"],
    lenient=True,
)
@click.argument("study", type=STUDY, required=False, metavar="[STUDY]")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    metavar="FILE.zip",
    help="Write the results to a file, without keys.",
)
def command(app: App, study: int | None, bundle: Path | None) -> Rows:
    """Check your setup and the server for problems.

    The checks cover settings, network, certificate, clock, API, keyring, key, and the known faults of the server.
    Nothing on the server is changed. STUDY is the study for checks of loading and uploading [default: the last one used
    on this computer, or the first one that your key can read]. Exit 0 without failures, even with warnings. Otherwise
    exit 2 (settings), 4 (key), 5 (study), 6 (server not reached) or 7 (server).
    """
    # The checks take a while, so reject the file before them.
    if bundle is not None:
        support_bundle.check(bundle, overwrite=app.flags.overwrite)
    checks = examine(_inputs(app), study)
    if bundle is not None:
        support_bundle.write(bundle, checks, _sources(app), app.notes.secrets)
        app.notes.warning(f"{bundle} is written: read it before you send it")
    return _rows(checks)


def _inputs(app: App) -> DoctorInputs:
    from sostrades_cli.api.http.network_probe import SystemNetwork

    source = holding(explained(app, "host")) if app.settings.fault is None else None
    # Functions and not values, because invalid settings must only fail the check that needs them.
    return DoctorInputs(
        settings=app.settings,
        source=source.name if source else "",
        folders=app.folders,
        study_cache=lambda: app.cache,
        key_sources=lambda: app.key_sources,
        network=app.runtime.network or SystemNetwork(),
        clock=app.runtime.clock,
        connection=lambda credential: app.connection(app.host, credential),
        connect=lambda credential: app.connect(app.host, credential),
        waiting=app.notes.waiting,
    )


def _sources(app: App) -> list[SettingSource]:
    """Return every source of every setting; none if config.toml cannot be read."""
    with contextlib.suppress(UsageError):
        return [source for key in SETTINGS for source in explained(app, key)]
    return []


def _rows(checks: Sequence[Check]) -> Rows:
    errors = [check.error for check in checks if check.error is not None]
    results = [TextCell(check.result, check.result, below=check.advice) for check in checks]
    return Rows(
        ("check", "state", "found", "advice"),
        [(check.name, check.state, check.result, check.advice) for check in checks],
        shown=TerminalTable(
            ("check", "state", "result"),
            [(check.name, check.state, cell) for check, cell in zip(checks, results, strict=True)],
        ),
        failure=max(errors, key=severity, default=None),
    )
