"""Run all checks of ``sostrades doctor``, in order of dependency."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.errors import SostradesError, UsageError
from sostrades_cli.files.platform_files import is_private
from sostrades_cli.local.aliases import alias_faults
from sostrades_cli.local.config_file import read_config
from sostrades_cli.operations.case_values import interrupted_sweeps
from sostrades_cli.operations.doctor import connectivity, key, server_faults
from sostrades_cli.operations.doctor.check import OK, WARNING, Check, failed, not_checked, ok, warning
from sostrades_cli.operations.postproc import plotly_assets
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.api.client import Api
    from sostrades_cli.api.http.network_probe import Network
    from sostrades_cli.api.http.transport import Connection
    from sostrades_cli.clock import Clock
    from sostrades_cli.local.cache import StudyCache
    from sostrades_cli.local.config_file import Folders
    from sostrades_cli.local.credential import Credential
    from sostrades_cli.local.key_sources import KeySources
    from sostrades_cli.local.settings import Settings


@dataclass(frozen=True, slots=True)
class DoctorInputs:
    """Everything that the checks examine.

    ``source`` is the source of the server address. ``connection`` and ``connect`` take the API key, or ``None``.
    ``waiting`` shows the purpose of a wait.
    """

    settings: Settings
    source: str
    folders: Folders
    study_cache: Callable[[], StudyCache]
    key_sources: Callable[[], KeySources]
    network: Network
    clock: Clock
    connection: Callable[[Credential | None], Connection]
    connect: Callable[[Credential | None], Api]
    waiting: Callable[[str], AbstractContextManager[object]] = nullcontext


def examine(inputs: DoctorInputs, study: int | None) -> list[Check]:
    """Run all checks, except those that an earlier failure makes impossible."""
    checks = list(_settings(inputs))
    if not _any_failed(checks):
        checks += connectivity.run_checks(
            inputs.connection(None), inputs.network, lambda: inputs.connect(None), inputs.clock, inputs.waiting
        )
        reached = not _any_failed(checks)
        key_checks, credential = key.find_key(inputs.key_sources())
        checks += key_checks
        # The key is searched even without a connection, because both may be wrong.
        if credential is not None and reached:
            checks += _with_key(inputs, inputs.connect(credential), study)
    # The installation and the folders are checked even if the server is unreachable.
    return [*checks, _chart_library(), *_own_files(inputs)]


def _any_failed(checks: Sequence[Check]) -> bool:
    return any(check.error is not None for check in checks)


def _settings(inputs: DoctorInputs) -> Iterator[Check]:
    try:
        host = inputs.settings.require_host()
    except UsageError as error:
        yield failed("settings", error)
        return
    yield ok("settings", f"profile {inputs.settings.profile}, server {host} (from {inputs.source})")
    for fault in alias_faults(read_config(inputs.folders), inputs.settings.profile):
        yield warning("aliases", fault.message, fault.hint)


def _with_key(inputs: DoctorInputs, api: Api, requested: int | None) -> Iterator[Check]:
    accepted = list(key.accepted(api))
    yield from accepted
    if _any_failed(accepted):
        return
    study, study_checks = server_faults.find_study(
        api, requested, [cached.study for cached in inputs.study_cache().studies()]
    )
    yield from study_checks
    if study is not None:
        for check in server_faults.run_checks(api, study):
            _cache_result(inputs, check)
            yield check


def _cache_result(inputs: DoctorInputs, check: Check) -> None:
    """Store the result of the check of loading. It decides whether later commands try to load a study."""
    if check.name != server_faults.LOADING:
        return
    mark = inputs.study_cache().load_fault
    if check.state == WARNING:
        mark.note(inputs.clock.now())
    elif check.state == OK:
        mark.clear()


def _chart_library() -> Check:
    try:
        versions = plotly_assets.versions()
    except SostradesError as error:
        return warning("chart library", error.message, error.hint)
    return ok("chart library", f"plotly.js {versions['plotly.js']} of plotly {versions['plotly']}")


def _own_files(inputs: DoctorInputs) -> Iterator[Check]:
    for values in interrupted_sweeps(inputs.folders.state, inputs.settings.host) if inputs.settings.host else ():
        error = values.error
        yield warning(values.command.noun, error.message, error.hint)
    yield _folder("config", inputs.folders.config)
    yield _folder("cache", inputs.folders.cache)
    yield _folder("state", inputs.folders.state)


def _folder(name: str, folder: Path) -> Check:
    """Check that a folder of the tool is writable, and readable by its owner only."""
    # `exists` fails for a path in the folder of another user.
    if not os.access(folder, os.F_OK):
        above = next((parent for parent in folder.parents if os.access(parent, os.F_OK)), folder)
        if os.access(above, os.W_OK | os.X_OK):
            return not_checked(name, f"{folder} does not exist yet (created when needed)")
        return warning(
            name,
            f"cannot create {folder}",
            f"check the permissions of {above}, or set SOSTRADES_{name.upper()}_DIR to another folder",
        )
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return warning(name, f"cannot write to {folder}", f"check its permissions, or set SOSTRADES_{name.upper()}_DIR")
    # Journals and caches may contain confidential values.
    private = is_private(folder)
    if private is False:
        return warning(name, f"other users can read {folder}", f"chmod 700 {shell_quoted(str(folder))}")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return ok(name, f"{folder}, {size / 1e6:.1f} MB{', only you can read it' if private else ''}")
