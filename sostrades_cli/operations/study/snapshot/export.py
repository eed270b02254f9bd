"""Export a study into a folder. An interrupted export continues."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import ServerFault
from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.safe_folders import alone_in
from sostrades_cli.local.config_file import STATE_VARIABLE
from sostrades_cli.operations.calc.monitor import execution_name
from sostrades_cli.operations.case_values import require_own_values
from sostrades_cli.operations.history.recorder import stamp
from sostrades_cli.operations.study.load import withheld
from sostrades_cli.operations.study.snapshot import model, toml_writer
from sostrades_cli.operations.study.snapshot.capture import downloads, list_parameters, take
from sostrades_cli.operations.study.snapshot.manifest import (
    DATA,
    OUTPUTS,
    PARAMETERS,
    WORKBOOK,
    Manifest,
    ManifestEntry,
)
from sostrades_cli.operations.study.snapshot.provenance import inputs_of_outputs
from sostrades_cli.operations.study.snapshot.staging_folder import StagingFolder, check_folder
from sostrades_cli.operations.study.snapshot.workbook import write_snapshot
from sostrades_cli.output.text import counted, listed
from sostrades_cli.output.xlsx import check_xlsx
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters
    from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry

HEADERS: Final = {
    PARAMETERS: "# Inputs; keys do not include the study name. `sostrades study apply` sends the changes made here.",
    OUTPUTS: "# Outputs; keys do not include the study name.",
}
OUTDATED_HEADER: Final = "# The study had no finished run of these inputs, so its outputs have no values."
SOLVER_HEADER: Final = "\n# Solver settings."


@dataclass(frozen=True, slots=True)
class StudyExport:
    """The exported snapshot, and the error for parameters that the server failed to send."""

    snapshot: Snapshot
    failure: SostradesError | None

    def count(self, state: str) -> int:
        """Return the number of parameters with a state."""
        return sum(item.state == state for item in self.snapshot.items.values())

    @property
    def note(self) -> str:
        """The numbers of exported parameters, and a line for each gap."""
        text = f"exported {counted(self.count(model.VALUE), 'value')} and {counted(self.count(model.TABLE), 'table')}"
        empty = self.count(model.NO_VALUE)
        text += f"; {counted(empty, 'parameter')} without a value" * bool(empty)
        unavailable = [item for item in self.snapshot.items.values() if item.state == model.UNAVAILABLE]
        text += f"; {counted(len(unavailable), 'parameter')} not exported" * bool(unavailable)
        lines = [f"  not exported: {item.key}: {item.reason}" for item in unavailable[:10]]
        if self.snapshot.omitted:
            omitted = listed(self.snapshot.omitted)
            lines.append(f"  not exported, because a load does not show these inputs: {omitted}")
        return "\n".join([text, *lines])


def export_study(
    context: Context,
    study: int,
    folder: Path,
    progress: Callable[[str, int], AbstractContextManager[Callable[[], None]]],
    *,
    outputs: bool,
    overwrite: bool,
    jobs: int,
    xlsx: bool = False,
    force: bool = False,
) -> StudyExport:
    """Export a study into a folder.

    ``progress`` takes a label and a total, and yields the function to call after each download. ``xlsx`` adds an Excel
    file of all parameters. ``force`` also exports the values of a sweep's case.

    Raises
    ------
    ExtraMissing
        The library for ``xlsx`` is not installed.
    FileConflict
        The folder contains other files, and ``overwrite`` is not set. No request was sent.
    Refused
        The study has the values of a sweep's case.
    UsageError
        Another command on this computer is exporting into the folder.

    """
    if xlsx:
        check_xlsx()
    check_folder(folder, overwrite=overwrite)
    require_own_values(context, study, force=force)
    parameters = list_parameters(context, study, outputs=outputs)
    with (
        alone_in(folder, context.state, STATE_VARIABLE, context.notify),
        progress(f"study {study}", downloads(parameters)) as step,
    ):
        # Another export may have ended between the first check and the lock.
        check_folder(folder, overwrite=overwrite)
        return _export(context, parameters, folder, jobs=jobs, step=step, xlsx=xlsx, force=force)


def _export(
    context: Context,
    parameters: ListedParameters,
    folder: Path,
    *,
    jobs: int,
    step: Callable[[], None],
    xlsx: bool,
    force: bool,
) -> StudyExport:
    """Export listed parameters into a folder. An older export stays until the new one is complete."""
    study, state = parameters.study, _state(context, parameters)
    head = {"server": context.api.session.host, "study": study, "state": state}
    staging = StagingFolder(folder, head, parameters.file_names())
    if staging.done:
        context.notify(
            f"continuing an interrupted export into {folder}: {counted(len(staging.done), 'table')} already saved"
        )

    def record(item: SnapshotEntry) -> None:
        staging.append(item)
        step()

    snapshot = take(context, parameters, path_of=staging.path_of, jobs=jobs, step=record, done=staging.done)
    require_own_values(context, study, force=force)
    entries = _write(snapshot, staging)
    if xlsx:
        write_snapshot(snapshot, staging.path / WORKBOOK)
    inputs = inputs_of_outputs(snapshot.items.values())
    manifest = Manifest(context.api.session.host, study, snapshot.name, stamp(context), entries, inputs)
    manifest.write(staging.path, earlier=folder)
    # Everything is complete, so the older export can be replaced.
    staging.install()
    return StudyExport(snapshot, _failure(snapshot, study) or (withheld(study) if parameters.withheld else None))


def _state(context: Context, parameters: ListedParameters) -> str | None:
    """Return a digest that changes with the study, or ``None`` if a table may change unnoticed."""
    # A change ends the status FINISHED, and another run has a log with another name. In other states, only a download
    # shows whether a table has changed.
    if context.api.calculations.status(parameters.study).phase is not Phase.GOOD:
        return None
    values = [(p.name, p.type, p.unit, repr(p.value)) for _, p in sorted(parameters.parameters.items())]
    run = execution_name(context, parameters.study)
    return sha256(json.dumps([run, values]).encode()).hexdigest() if run else None


def _write(snapshot: Snapshot, staging: StagingFolder) -> dict[str, ManifestEntry]:
    """Write the values, and return the entries of the manifest."""
    entries: dict[str, ManifestEntry] = {}
    for name, is_output in ((PARAMETERS, False), (OUTPUTS, True)):
        items = [item for item in snapshot.items.values() if item.output is is_output]
        lines = [HEADERS[name], *[OUTDATED_HEADER] * (is_output and snapshot.outdated)]
        for solver in (False, True):
            chosen = [item for item in items if item.solver is solver]
            lines += [SOLVER_HEADER] * (solver and bool(chosen))
            lines += [_write_entry(item, staging, name, entries) for item in chosen]
        if items or not is_output:
            with atomic(staging.path / name) as file:
                file.write("".join(f"{line}\n" for line in lines).encode())
    return entries


def _write_entry(item: SnapshotEntry, staging: StagingFolder, file: str, entries: dict[str, ManifestEntry]) -> str:
    line, entries[item.key] = _line(item, staging, file)
    return line


def _line(item: SnapshotEntry, staging: StagingFolder, file: str) -> tuple[str, ManifestEntry]:
    """Return the line and the manifest entry of a parameter. Values that TOML lacks get a file."""
    comment = f"{item.type}, {item.unit}" if item.unit else str(item.type)
    entry = ManifestEntry(
        item.key, item.type, item.unit, item.output, item.state, sha256=item.digest, reason=item.reason
    )
    entry = replace(entry, loose=item.is_loose)
    if item.state == model.VALUE:
        line = toml_writer.line(item.key, item.value, comment)
        if line is not None:
            return line, _with_file(entry, file, item)
        path = staging.path_of(item.key).with_suffix(".json")
        where = f"{DATA}/{path.name}"
        with atomic(path) as target:
            target.write(json.dumps(item.value, indent=1, sort_keys=True).encode() + b"\n")
        return toml_writer.comment_line(item.key, f"in {where}", comment), _with_file(entry, where, item)
    if item.state == model.TABLE:
        where = f"{DATA}/{staging.path_of(item.key).name}"
        return toml_writer.comment_line(item.key, f"in {where}", comment), _with_file(entry, where, item)
    state = "has no value" if item.state == model.NO_VALUE else f"not exported: {item.reason}"
    return toml_writer.comment_line(item.key, state, comment), entry


def _with_file(entry: ManifestEntry, file: str, item: SnapshotEntry) -> ManifestEntry:
    # JSON has no nan or inf. The sha-256 identifies such a value.
    is_json = item.state == model.VALUE and not (isinstance(item.value, float) and not math.isfinite(item.value))
    return replace(entry, file=file, value=item.value if is_json else None)


def _failure(snapshot: Snapshot, study: int) -> ServerFault | None:
    failed = [item for item in snapshot.items.values() if item.failed]
    if not failed:
        return None
    return ServerFault(
        f"{len(failed)} of {counted(len(snapshot.items), 'parameter')} of study {study} not exported",
        detail="\n".join(f"{item.key}: {item.reason}" for item in failed[:10]),
        hint="run the same command with --overwrite to export everything again",
        study=study,
    )
