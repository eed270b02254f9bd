"""The record of a sweep: a line for what it is, then one for each thing that happened to a case.

It lies beside the results, so that a sweep that was cut off goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import FileConflict, InvalidFile
from sostrades_cli.files.atomic import beforehand, make_folder
from sostrades_cli.files.safe_folders import require_no_link, write_line
from sostrades_cli.safe_parsers import from_json, is_as_declared

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json

FORMAT: Final = 1
FILE: Final = "sweep.jsonl"
FINISHED: Final = "FINISHED"
FAILED: Final = "FAILED"
BEGUN: Final = "BEGUN"
ABANDONED: Final = "ABANDONED"
OVER: Final = frozenset({FINISHED, FAILED})


@dataclass(frozen=True, slots=True)
class SweepSpec:
    """What makes a sweep this one: where it goes on, all of it must be the same.

    ``inputs`` is the sha-256 of the values that are not swept, as a load shows them, ``None`` without one; ``entries``
    are the numbers of its entries in the journals of its studies, which hold their own values.
    """

    server: str
    study: int
    cases: str
    collect: tuple[str, ...]
    charts: str | None
    inputs: str | None
    entries: dict[str, int] = field(default_factory=dict)

    def same(self, other: SweepSpec) -> bool:
        """Tell whether another sweep goes on with this one, on whatever studies."""
        inputs = self.inputs == other.inputs or self.inputs is None or other.inputs is None
        ignored = {"entries": None, "inputs": None}
        return inputs and {**asdict(self), **ignored} == {**asdict(other), **ignored}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What happened to a case: its state, why it failed, how long its run took, and what was collected."""

    case: str
    state: str
    study: int
    cause: str | None = None
    elapsed_s: float | None = None
    outputs: dict[str, Json] = field(default_factory=dict)


class ProgressLog:
    """The record in the folder of a sweep's results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._lock = threading.Lock()

    def read(self) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
        """Return what the sweep is and the last that happened to each case; ``None`` where there is no record.

        Raises
        ------
        UsageError
            It cannot be read.

        """
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
            return self._read([from_json(line) for line in lines if line.endswith("\n")])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidFile(f"{self.path} cannot be read: {error}", hint="--overwrite starts anew") from error

    def _read(self, whole: list[dict[str, Any]]) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
        sweep: SweepSpec | None = None
        cases: dict[str, CaseResult] = {}
        for fields in whole:
            if "format" in fields:
                sweep = _sweep(fields, self.path)
            else:
                done = CaseResult(**fields)
                if not is_as_declared(done):
                    raise ValueError(f"what is noted of the case {done.case!r:.40} is damaged")
                cases[done.case] = done
        return (sweep, cases) if sweep else None

    def make_folder(self) -> None:
        """Make the folder.

        Raises
        ------
        UsageError
            It cannot be made.

        """
        with beforehand():
            make_folder(self.folder)

    def begin(self, sweep: SweepSpec) -> None:
        """Write what the sweep is; a sweep that goes on writes it again, with its new entries."""
        self.make_folder()
        require_no_link(self.path)
        with contextlib.suppress(FileNotFoundError):
            # A last line that a crash has cut would spoil the next one.
            whole = self.path.read_bytes()
            os.truncate(self.path, whole.rfind(b"\n") + 1)
        with beforehand():
            self._append({"format": FORMAT, **asdict(sweep)})

    def note(self, done: CaseResult) -> None:
        """Write what happened to a case."""
        self._append(asdict(done))

    def check_folder(self) -> None:
        """Refuse a folder that is not that of a sweep.

        Raises
        ------
        FileConflict
            It holds something else, or is none.

        """
        foreign = not self.folder.is_dir() or (not self.path.exists() and any(self.folder.iterdir()))
        if self.folder.exists() and foreign:
            raise FileConflict(f"{self.folder} holds no sweep", hint="choose another name for the results")

    def clear(self) -> None:
        """Remove the folder of an older sweep."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _append(self, fields: dict[str, Any]) -> None:
        with self._lock:
            write_line(self.path, json.dumps(fields), sync=True)


def _sweep(fields: dict[str, Any], path: Path) -> SweepSpec:
    if fields.pop("format") != FORMAT:
        raise InvalidFile(f"{path} was written by another version of sostrades", hint="--overwrite starts anew")
    return SweepSpec(**{**fields, "collect": tuple(fields["collect"])})
