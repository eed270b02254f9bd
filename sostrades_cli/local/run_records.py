"""The runs of a study that this computer started, or watched to their end.

``<state>/runs/<server>/<study>.jsonl`` has one line for each run, the oldest first. Only its owner can read it.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.files.atomic import atomic, name_of_host, stored_lines
from sostrades_cli.files.locks import locked
from sostrades_cli.safe_parsers import from_json, is_as_declared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A sweep of a thousand cases must not push out all other runs, and estimates need a few runs only.
FOLDER_VARIABLE: Final = "SOSTRADES_STATE_DIR"
MOST_RUNS: Final = 1_000


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run. Times are RFC 3339 in UTC; ``None`` marks what was not observed.

    ``outcome`` is the last status on the server, or ``LOST`` if the study was changed during the run. ``ended`` is the
    time at which the end was observed, and ``duration_s`` the seconds from the start to it. ``started_here`` is false
    if this computer only watched the run.
    """

    run: int
    study: int
    host: str
    started: str | None = None
    ended: str | None = None
    duration_s: float | None = None
    outcome: str | None = None
    started_here: bool = True

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
        return [record for record in map(_record, stored_lines(self._path, FOLDER_VARIABLE)) if record is not None]

    def add(self, **facts: Any) -> None:  # noqa: ANN401 - the fields of a record
        """Add a record after all others.

        Raises
        ------
        UsageError, WriteFailed
            The file cannot be read, locked or written.

        """

        def added(records: list[RunRecord]) -> list[RunRecord]:
            number = records[-1].run + 1 if records else 1
            return [*records, RunRecord(number, self._study, self._host, **facts)]

        self._change(added)

    def complete(self, run: int, **facts: Any) -> None:  # noqa: ANN401 - the fields of a record
        """Complete the record of a run with the facts of its end.

        Raises
        ------
        UsageError, WriteFailed
            The file cannot be read, locked or written.

        """

        def ended(records: list[RunRecord]) -> list[RunRecord]:
            return [replace(record, **facts) if record.run == run else record for record in records]

        self._change(ended)

    def _change(self, change: Callable[[list[RunRecord]], list[RunRecord]]) -> None:
        with locked(self._folder / f"{self._study}.lock", FOLDER_VARIABLE):
            records = change(self.all())[-MOST_RUNS:]
            # A lost record costs an estimate only, so no run waits for the disk.
            with atomic(self._path, private=True, durable=False) as file:
                file.writelines(json.dumps(record.to_json()).encode() + b"\n" for record in records)


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
