"""The runs of a study that this computer started, or watched to their end.

``<state>/runs/<server>/<study>.jsonl`` has a line for each run, the oldest first, and another one when its end is
known. The last line of a run counts. Only its owner can read the file.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import WriteFailed
from sostrades_cli.files.atomic import atomic, stored_lines
from sostrades_cli.files.locks import locked
from sostrades_cli.files.platform_files import NO_FOLLOW
from sostrades_cli.local.config_file import STATE_VARIABLE, name_of_host
from sostrades_cli.safe_parsers import from_json, is_as_declared

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

# A sweep of a thousand cases must not push out all other runs, and estimates need a few runs only.
MOST_RUNS: Final = 1_000
# About 80 runs. A sweep reads the file for every case, so it reads only the end.
RECENT_BYTES: Final = 32_768
# Twice the size of MOST_RUNS runs with two lines each.
MOST_BYTES: Final = 800_000


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run. Times are RFC 3339 in UTC; ``None`` marks what was not observed.

    ``outcome`` is the last status on the server, or ``LOST`` if the study was changed during the run. ``ended`` is the
    time at which the end was observed, and ``duration_s`` the seconds from the start to it. ``started_here`` is false
    if this computer only watched the run. ``case_s`` are the seconds of a case of a sweep, with its change and loads.
    """

    run: int
    study: int
    host: str
    started: str | None = None
    ended: str | None = None
    duration_s: float | None = None
    outcome: str | None = None
    started_here: bool = True
    case_s: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record as it is stored and printed."""
        return asdict(self)


class RunRecords:
    """The records of one study."""

    def __init__(self, state: Path, host: str, study: int) -> None:
        self._folder = state / "runs" / name_of_host(host)
        self._host = host
        self._study = study
        self._path = self._folder / f"{study}.jsonl"

    def all(self) -> list[RunRecord]:
        """Return the records, the oldest first, without damaged lines.

        Raises
        ------
        UsageError
            The file exists and cannot be opened.

        """
        return _latest(stored_lines(self._path, STATE_VARIABLE))[-MOST_RUNS:]

    def recent(self) -> list[RunRecord]:
        """Return the newest records, as ``all`` does."""
        return _latest(stored_lines(self._path, STATE_VARIABLE, RECENT_BYTES))

    def add(self, **facts: Any) -> None:  # noqa: ANN401 - the fields of a record
        """Add a record after all others.

        Raises
        ------
        UsageError, WriteFailed
            The file cannot be read, locked or written.

        """
        with self._locked():
            number = max((record.run for record in self.recent()), default=0) + 1
            self._append(RunRecord(number, self._study, self._host, **facts))

    def complete(self, run: int, **facts: Any) -> None:  # noqa: ANN401 - the fields of a record
        """Complete the record of a recent run with the facts of its end.

        Raises
        ------
        UsageError, WriteFailed
            The file cannot be read, locked or written.

        """
        with self._locked():
            known = next((record for record in self.recent() if record.run == run), None)
            if known is not None:
                self._append(replace(known, **facts))

    def _locked(self) -> AbstractContextManager[None]:
        # The number of a run follows from the lines before, and a line appended during `_compact` would be lost.
        return locked(self._folder / f"{self._study}.lock", STATE_VARIABLE)

    def _append(self, record: RunRecord) -> None:
        line = json.dumps(record.to_json()).encode() + b"\n"
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | NO_FOLLOW, 0o600)
            # A lost record costs an estimate only, so no run waits for the disk.
            with os.fdopen(descriptor, "a+b") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 1))
                if size == 0:
                    self._path.chmod(0o600)  # the umask may have removed the owner's permissions
                # A crash may have cut the last line.
                file.write(line if file.read(1) in {b"", b"\n"} else b"\n" + line)
        except OSError as error:
            raise WriteFailed(
                f"cannot write {self._path}: {error.strerror}", hint="check the free space and the permissions"
            ) from error
        if size > MOST_BYTES:
            self._compact()

    def _compact(self) -> None:
        records = self.all()
        # Durable, because all records are replaced at once, and they cannot be fetched again.
        with atomic(self._path, private=True) as file:
            file.writelines(json.dumps(record.to_json()).encode() + b"\n" for record in records)


def _latest(lines: Iterable[bytes]) -> list[RunRecord]:
    """Return the last record of each run, in the order of the runs."""
    records: dict[int, RunRecord] = {}
    for record in map(_record, lines):
        if record is not None:
            records[record.run] = record
    return [records[run] for run in sorted(records)]


def _record(line: bytes) -> RunRecord | None:
    """Return the record of a line, ``None`` if the line is damaged."""
    try:
        stored = from_json(line.decode("utf-8"))
        # A newer version may have written more fields.
        record = RunRecord(**{field.name: stored[field.name] for field in fields(RunRecord) if field.name in stored})
        if not is_as_declared(record):
            return None
    except (ValueError, TypeError, KeyError):
        return None
    # JSON may contain NaN and infinity, and the file may have been edited.
    possible = record.duration_s is None or 0 <= record.duration_s < math.inf
    return record if possible and record.run > 0 else None
