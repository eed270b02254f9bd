"""Exporting a study into a folder; what was interrupted goes on where it stopped."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import ServerFault
from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.safe_folders import alone_in
from sostrades_cli.operations.calc.monitor import execution_name
from sostrades_cli.operations.history.recorder import stamp
from sostrades_cli.operations.study.load import withheld
from sostrades_cli.operations.study.snapshot import model, toml_writer
from sostrades_cli.operations.study.snapshot.capture import downloads, list_parameters, take
from sostrades_cli.operations.study.snapshot.manifest import DATA, OUTPUTS, PARAMETERS, Manifest, ManifestEntry
from sostrades_cli.operations.study.snapshot.staging_folder import StagingFolder, check_folder
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters
    from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry

HEADS: Final = {
    PARAMETERS: "# Inputs, without the study's own name in front. `sostrades study apply` sends what is changed here.",
    OUTPUTS: "# Outputs, without the study's own name in front.",
}
SOLVER_HEAD: Final = "\n# Settings of the solver."


@dataclass(frozen=True, slots=True)
class StudyExport:
    """What came into the folder, and the error that stands for what did not because the server failed."""

    snapshot: Snapshot
    failure: SostradesError | None

    def count(self, state: str) -> int:
        """Return how many parameters are of a state."""
        return sum(item.state == state for item in self.snapshot.items.values())

    @property
    def note(self) -> str:
        """Say in a line what came, and what did not."""
        text = f"{counted(self.count(model.VALUE), 'value')}, {counted(self.count(model.TABLE), 'table')}"
        none, missing = self.count(model.NO_VALUE), self.count(model.UNAVAILABLE)
        text += f", {none} without a value" * bool(none)
        items = [i for i in self.snapshot.items.values() if i.state == model.UNAVAILABLE]
        listed = "".join(f"\n  not exported: {i.key}: {i.reason}" for i in items[:10])
        return f"{text}{f', {missing} that the server cannot give' * bool(missing)}{listed}"


def export_study(
    context: Context,
    study: int,
    folder: Path,
    progress: Callable[[str, int], AbstractContextManager[Callable[[], None]]],
    *,
    outputs: bool,
    overwrite: bool,
    jobs: int,
) -> StudyExport:
    """Export a study into a folder; ``progress`` takes a label and a total and yields what is called for each step.

    Raises
    ------
    FileConflict
        The folder is in use, and ``overwrite`` is not set; nothing was asked of the server.
    UsageError
        Another command of this machine exports into it.

    """
    check_folder(folder, overwrite=overwrite)
    listed = list_parameters(context, study, outputs=outputs)
    with alone_in(folder, context.state, context.notify), progress(f"study {study}", downloads(listed)) as step:
        # Another export may have come to its end since.
        check_folder(folder, overwrite=overwrite)
        return export(context, listed, folder, jobs=jobs, step=step)


def export(
    context: Context, listed: ListedParameters, folder: Path, *, jobs: int, step: Callable[[], None]
) -> StudyExport:
    """Export what is listed into a folder; an older export stays until all of the new one is there."""
    stage = StagingFolder(
        folder,
        {"server": context.api.session.host, "study": listed.study, "state": _state(context, listed)},
        listed.file_names(),
    )
    if stage.done:
        context.notify(
            f"{folder}: going on with an interrupted export, {counted(len(stage.done), 'table')} there already"
        )

    def note(item: SnapshotEntry) -> None:
        stage.append(item)
        step()

    taken = take(context, listed, place=stage.place, jobs=jobs, step=note, done=stage.done)
    _write(context, listed, taken, stage)
    stage.install()
    return StudyExport(taken, _failure(taken, listed.study) or (withheld(listed.study) if listed.withheld else None))


def _state(context: Context, listed: ListedParameters) -> str | None:
    """Return what tells a changed study from an unchanged one, ``None`` where nothing does without a download.

    A change takes a finished study out of that status, and another run has a log of another name. Elsewhere a table
    may have changed without a trace.
    """
    if context.api.calculations.status(listed.study).phase is not Phase.GOOD:
        return None
    shown = [(p.name, p.type, p.unit, repr(p.value)) for _, p in sorted(listed.parameters.items())]
    run = execution_name(context, listed.study)
    return sha256(json.dumps([run, shown]).encode()).hexdigest() if run else None


def _write(context: Context, listed: ListedParameters, taken: Snapshot, stage: StagingFolder) -> None:
    entries: dict[str, ManifestEntry] = {}
    for name, is_output in ((PARAMETERS, False), (OUTPUTS, True)):
        items = [item for item in taken.items.values() if item.output is is_output]
        lines = [HEADS[name]]
        for solver in (False, True):
            chosen = [item for item in items if item.solver is solver]
            lines += [SOLVER_HEAD] * (solver and bool(chosen))
            lines += [_written(item, stage, name, entries) for item in chosen]
        if items or not is_output:
            with atomic(stage.path / name) as file:
                file.write("".join(f"{line}\n" for line in lines).encode())
    Manifest(context.api.session.host, listed.study, taken.name, stamp(context), entries).write(stage.path)


def _written(item: SnapshotEntry, stage: StagingFolder, file: str, entries: dict[str, ManifestEntry]) -> str:
    line, entries[item.key] = _line(item, stage, file)
    return line


def _line(item: SnapshotEntry, stage: StagingFolder, file: str) -> tuple[str, ManifestEntry]:
    """Return the line of a parameter and its entry in the manifest; what TOML cannot hold goes into a file."""
    comment = f"{item.type}, {item.unit}" if item.unit else str(item.type)
    entry = ManifestEntry(
        item.key, item.type, item.unit, item.output, item.state, sha256=item.digest, reason=item.reason
    )
    entry = replace(entry, loose=item.is_loose)
    if item.state == model.VALUE:
        line = toml_writer.line(item.key, item.value, comment)
        if line is not None:
            return line, _with_file(entry, file, item)
        path = stage.place(item.key).with_suffix(".json")
        where = f"{DATA}/{path.name}"
        with atomic(path) as target:
            target.write(json.dumps(item.value, indent=1, sort_keys=True).encode() + b"\n")
        return toml_writer.comment_line(item.key, f"in {where}", comment), _with_file(entry, where, item)
    if item.state == model.TABLE:
        where = f"{DATA}/{stage.place(item.key).name}"
        return toml_writer.comment_line(item.key, f"in {where}", comment), _with_file(entry, where, item)
    state = "has no value" if item.state == model.NO_VALUE else f"could not be exported: {item.reason}"
    return toml_writer.comment_line(item.key, state, comment), entry


def _with_file(entry: ManifestEntry, file: str, item: SnapshotEntry) -> ManifestEntry:
    # JSON has no nan, which only a float alone can be: its sha-256 tells it.
    held = item.state == model.VALUE and not (isinstance(item.value, float) and not math.isfinite(item.value))
    return replace(entry, file=file, value=item.value if held else None)


def _failure(taken: Snapshot, study: int) -> ServerFault | None:
    failed = [item for item in taken.items.values() if item.failed]
    if not failed:
        return None
    return ServerFault(
        f"{len(failed)} of {counted(len(taken.items), 'parameter')} of study {study} could not be exported",
        detail="\n".join(f"{item.key}: {item.reason}" for item in failed[:10]),
        hint="the rest is there; --overwrite exports anew",
        study=study,
    )
