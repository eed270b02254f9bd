"""``sostrades doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import STUDY
from sostrades_cli.operations.doctor import run, support_bundle

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=["sostrades doctor", "sostrades doctor 21 -F json", "sostrades doctor --bundle support.zip"],
    lenient=True,
    interrupted="",
)
@click.argument("study", type=STUDY, required=False, metavar="[STUDY]")
@click.option(
    "--bundle", type=click.Path(path_type=Path), metavar="FILE.zip", help="Write what was found, without keys, to send."
)
def command(app: App, study: int | None, bundle: Path | None) -> Rows:
    """Look at everything between this machine and the server.

    Settings, name, proxy, certificate, API, clock, keyring, key, and how the server behaves: each known fault of its
    version is named, with what the tool does instead. Nothing is changed: uploading is probed with a form that every
    server refuses, copying is inferred. STUDY is the one that loading is tried with; unless said the last one seen, or
    the first that the key may see. Warnings exit 0; failures 2 (settings), 4 (key), 5 (study), 6 (not reached) or
    7 (server).
    """
    if bundle is not None:
        support_bundle.check(bundle, overwrite=app.flags.overwrite)
    checks = run.examine(app.around, study)
    if bundle is not None:
        support_bundle.write(bundle, checks, app.sources(), app.notes.secrets)
        app.notes.warning(f"{bundle}: written; look into it before you send it")
    return run.rows(checks)
