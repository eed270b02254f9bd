"""Exporting a study into a folder; what was interrupted goes on where it stopped."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import FileConflict, ServerFault, UsageError
from sostrades_cli.files import atomic, digest_of, safe_name
from sostrades_cli.operations.journaling import stamp
from sostrades_cli.operations.snapshots import snapshot, toml_lines
from sostrades_cli.operations.snapshots.manifest import MANIFEST, Entry, Manifest, read_manifest
from sostrades_cli.operations.snapshots.snapshot import Item, Snapshot
from sostrades_cli.operations.snapshots.taking import file_name, take
from sostrades_cli.operations.table_files import Held
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.server import Server
    from sostrades_cli.operations.snapshots.taking import Listed

PARAMETERS: Final = "parameters.toml"
OUTPUTS: Final = "outputs.toml"
DATA: Final = "data"
UNFINISHED: Final = ".unfinished.jsonl"
HEADS: Final = {
    PARAMETERS: "# Inputs, without the study's own name in front. `sostrades study apply` sends what is changed here.",
    OUTPUTS: "# Outputs, without the study's own name in front.",
}
SOLVER_HEAD: Final = "\n# Settings of the solver."


@dataclass(frozen=True, slots=True)
class Exported:
    """What came into the folder, and the error that stands for what did not because the server failed."""

    snapshot: Snapshot
    failure: SostradesError | None

    def count(self, state: str) -> int:
        """Return how many parameters are of a state."""
        return sum(item.state == state for item in self.snapshot.items.values())

    def payload(self, folder: Path, study: int) -> dict[str, Any]:
        """Return the numbers as scripts read them."""
        states = (snapshot.VALUE, snapshot.TABLE, snapshot.NO_VALUE)
        counts = {state.replace(" ", "_"): self.count(state) for state in states}
        items = self.snapshot.items.values()
        missing = [{"key": i.key, "reason": i.reason} for i in items if i.state == snapshot.UNAVAILABLE]
        return {"study": study, "folder": str(folder), **counts, "unavailable": missing}

    @property
    def note(self) -> str:
        """Say in a line what came, and what did not."""
        text = f"{counted(self.count(snapshot.VALUE), 'value')}, {counted(self.count(snapshot.TABLE), 'table')}"
        none, missing = self.count(snapshot.NO_VALUE), self.count(snapshot.UNAVAILABLE)
        text += f", {none} without a value" * bool(none)
        items = [i for i in self.snapshot.items.values() if i.state == snapshot.UNAVAILABLE]
        listed = "".join(f"\n  not exported: {i.key}: {i.reason}" for i in items[:10])
        return f"{text}{f', {missing} that the server cannot give' * bool(missing)}{listed}"


def prepare(folder: Path, *, overwrite: bool) -> None:
    """Make the folder, or refuse one that is in use.

    Raises
    ------
    FileConflict
        It holds an export, or files that are none, and ``overwrite`` is not set.
    UsageError
        It cannot be made or written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror}") from error
    if present - {DATA} and UNFINISHED not in present and not overwrite:
        what = "holds an export already" if MANIFEST in present else "holds other files"
        raise FileConflict(f"{folder} {what}", hint="add --overwrite to replace it, or choose another name")
    if overwrite:
        _clear(folder, known=MANIFEST in present)
    (folder / DATA).mkdir(exist_ok=True)


def _clear(folder: Path, *, known: bool) -> None:
    """Remove an older export, its manifest first: without one a folder is no export."""
    files = [folder / PARAMETERS, folder / OUTPUTS, *_begun_files(folder), folder / UNFINISHED]
    if known:
        names = [entry.file for entry in read_manifest(folder).entries.values()]
        files += [folder / DATA / name.partition("/")[2] for name in names if name and name.startswith(f"{DATA}/")]
    for path in (folder / MANIFEST, *files):
        path.unlink(missing_ok=True)


def _begun_files(folder: Path) -> list[Path]:
    """Return what an interrupted export has left in the folder of tables, half a download included."""
    saved = [folder / DATA / file_name(str(fields["key"])) for fields in _progress(folder)[1:]]
    return [*saved, *(folder / DATA).glob(".*.part")]


def _progress(folder: Path) -> list[dict[str, Any]]:
    """Return the whole lines of what an interrupted export noted: first its head, then the tables it saved."""
    try:
        text = (folder / UNFINISHED).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    except (OSError, ValueError):
        return []


def export(server: Server, listed: Listed, folder: Path, *, jobs: int, step: Callable[[], None]) -> Exported:
    """Export what is listed into a prepared folder; the manifest is written last."""
    head = {"server": server.api.session.host, "study": listed.study, "state": _state(server, listed)}
    path = folder / UNFINISHED
    done = _resumed(folder, head)
    if done:
        server.notify(f"{folder}: going on with an export that was interrupted, {len(done)} tables are there")
    else:
        for left in _begun_files(folder):
            left.unlink(missing_ok=True)
        path.write_text(f"{json.dumps(head)}\n", encoding="utf-8")
    with path.open("a", encoding="utf-8") as progress:

        def note(item: Item) -> None:
            if item.table is not None:
                fields = {"key": item.key, "type": item.type, "unit": item.unit, "output": item.output}
                progress.write(f"{json.dumps({**fields, 'sha256': item.table.sha256})}\n")
                progress.flush()
            step()

        taken = take(server, listed, place=lambda key: folder / DATA / file_name(key), jobs=jobs, step=note, done=done)
    _write(server, listed, taken, folder)
    path.unlink()
    return Exported(taken, _failure(taken, listed.study))


def _state(server: Server, listed: Listed) -> str:
    """Return what tells a changed study from an unchanged one, as far as the server tells it without a download."""
    status = server.api.calculations.status(listed.study)
    shown = [(p.name, p.type, p.unit, repr(p.value)) for _, p in sorted(listed.parameters.items())]
    return sha256(json.dumps([status.status, shown]).encode()).hexdigest()


def _resumed(folder: Path, head: dict[str, Any]) -> dict[str, Item]:
    """Return the tables that an interrupted export of the same state has saved."""
    lines = _progress(folder)
    if not lines or lines[0] != head:
        return {}
    found = {}
    for fields in lines[1:]:
        held = Held(folder / DATA / file_name(fields["key"]), fields.pop("sha256"))
        if held.path.is_file() and digest_of(held.path) == held.sha256:
            found[fields["key"]] = Item(**fields, table=held)
    return found


def _write(server: Server, listed: Listed, taken: Snapshot, folder: Path) -> None:
    entries: dict[str, Entry] = {}
    for name, is_output in ((PARAMETERS, False), (OUTPUTS, True)):
        items = [item for item in taken.items.values() if item.output is is_output]
        lines = [HEADS[name]]
        for solver in (False, True):
            chosen = [item for item in items if item.solver is solver]
            lines += [SOLVER_HEAD] * (solver and bool(chosen))
            lines += [_written(item, folder, name, entries) for item in chosen]
        if items or not is_output:
            with atomic(folder / name) as file:
                file.write("".join(f"{line}\n" for line in lines).encode())
    Manifest(server.api.session.host, listed.study, taken.name, stamp(server), entries).write(folder)


def _written(item: Item, folder: Path, file: str, entries: dict[str, Entry]) -> str:
    line, entries[item.key] = _line(item, folder, file)
    return line


def _line(item: Item, folder: Path, file: str) -> tuple[str, Entry]:
    """Return the line of a parameter and its entry in the manifest; what TOML cannot hold goes into a file."""
    comment = f"{item.type}, {item.unit}" if item.unit else str(item.type)
    entry = Entry(item.key, item.type, item.unit, item.output, item.state, sha256=item.digest, reason=item.reason)
    if item.state == snapshot.VALUE:
        line = toml_lines.line(item.key, item.value, comment)
        if line is not None:
            return line, _with_file(entry, file, item)
        where = f"{DATA}/{safe_name(item.key)}.json"
        with atomic(folder / where) as target:
            target.write(json.dumps(item.value, indent=1, sort_keys=True).encode() + b"\n")
        return toml_lines.remark(item.key, f"in {where}", comment), _with_file(entry, where, item)
    if item.state == snapshot.TABLE:
        where = f"{DATA}/{file_name(item.key)}"
        return toml_lines.remark(item.key, f"in {where}", comment), _with_file(entry, where, item)
    state = "has no value" if item.state == snapshot.NO_VALUE else f"could not be exported: {item.reason}"
    return toml_lines.remark(item.key, state, comment), entry


def _with_file(entry: Entry, file: str, item: Item) -> Entry:
    # JSON has no nan, which only a float alone can be: its sha-256 tells it.
    held = item.state == snapshot.VALUE and not (isinstance(item.value, float) and not math.isfinite(item.value))
    return replace(entry, file=file, value=item.value if held else None)


def _failure(taken: Snapshot, study: int) -> ServerFault | None:
    failed = [item for item in taken.items.values() if item.failed]
    if not failed:
        return None
    return ServerFault(
        f"{len(failed)} of {len(taken.items)} parameters of study {study} could not be exported",
        detail="\n".join(f"{item.key}: {item.reason}" for item in failed[:10]),
        hint="the rest is there; --overwrite exports anew",
        study=study,
    )
