"""The progress of a sweep: a line that describes it, then a line for each step of a case.

The file lies beside the results, so that ``--resume`` continues an interrupted sweep.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import FileConflict, InvalidFile
from sostrades_cli.files.atomic import beforehand, make_folder
from sostrades_cli.files.resumable_folder import ProgressFile
from sostrades_cli.safe_parsers import is_as_declared

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
    """The facts that must be the same for a sweep to continue.

    ``inputs`` is the sha-256 of the values that are not swept, as a load shows them, ``None`` without a load;
    ``entries`` are the numbers of its entries in the journals of its studies, which hold the original values.
    """

    server: str
    study: int
    cases: str
    collect: tuple[str, ...]
    charts: str | None
    inputs: str | None
    entries: dict[str, int] = field(default_factory=dict)

    def same(self, other: SweepSpec) -> bool:
        """Return whether another sweep may continue this one, on any studies."""
        inputs = self.inputs == other.inputs or self.inputs is None or other.inputs is None
        ignored = {"entries": None, "inputs": None}
        return inputs and {**asdict(self), **ignored} == {**asdict(other), **ignored}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of a case: its state, the cause of a failure, the time of its run, and the collected outputs."""

    case: str
    state: str
    study: int
    cause: str | None = None
    elapsed_s: float | None = None
    outputs: dict[str, Json] = field(default_factory=dict)


class ProgressLog:
    """The progress file of a sweep, in the folder of its results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._file = ProgressFile(self.path, sync=True)

    def read(self) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
        """Return the sweep and the last result of each case; ``None`` without a sweep.

        Raises
        ------
        InvalidFile
            It cannot be read.

        """
        try:
            return self._read(self._file.lines())
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidFile(f"{self.path} cannot be read: {error}", hint="--overwrite starts anew") from error

    def _read(self, lines: list[dict[str, Any]]) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
        sweep: SweepSpec | None = None
        cases: dict[str, CaseResult] = {}
        for fields in lines:
            if "format" in fields:
                sweep = _sweep(fields, self.path)
            else:
                done = CaseResult(**fields)
                if not is_as_declared(done):
                    raise ValueError(f"the line of the case {done.case!r:.40} is damaged")
                cases[done.case] = done
        return (sweep, cases) if sweep else None

    def make_folder(self) -> None:
        """Create the folder.

        Raises
        ------
        UsageError
            It cannot be created.

        """
        with beforehand():
            make_folder(self.folder)

    def begin(self, sweep: SweepSpec) -> None:
        """Write the sweep; one that continues writes it again, with its new entries."""
        self.make_folder()
        with beforehand():
            self._file.start([*self._file.lines(), {"format": FORMAT, **asdict(sweep)}])

    def append(self, done: CaseResult) -> None:
        """Write the result of a case."""
        self._file.append(asdict(done))

    def check_folder(self) -> None:
        """Refuse a folder that is not that of a sweep.

        Raises
        ------
        FileConflict
            It holds something else, or is not a folder.

        """
        foreign = not self.folder.is_dir() or (not self.path.exists() and any(self.folder.iterdir()))
        if self.folder.exists() and foreign:
            raise FileConflict(f"{self.folder} holds no sweep", hint="choose another name for the results")

    def clear(self) -> None:
        """Remove the folder of an older sweep."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _sweep(fields: dict[str, Any], path: Path) -> SweepSpec:
    if fields.pop("format") != FORMAT:
        raise InvalidFile(f"{path} was written by another version of sostrades", hint="--overwrite starts anew")
    return SweepSpec(**{**fields, "collect": tuple(fields["collect"])})
