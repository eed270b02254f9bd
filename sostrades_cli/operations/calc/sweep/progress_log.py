"""The progress log of a sweep, a file in the folder of the results from which ``--resume`` continues.

The first line describes the sweep. Each later line is a step of a case.
"""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.errors import FileConflict, InvalidFile
from sostrades_cli.files.atomic import beforehand, make_folder
from sostrades_cli.files.resumable_folder import ProgressFile
from sostrades_cli.safe_parsers import is_as_declared

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json

FORMAT: Final = 1
FILE: Final = "sweep.jsonl"
STARTED: Final = "STARTED"
ABANDONED: Final = "ABANDONED"
FINISHED: Final = "FINISHED"
FAILED: Final = "FAILED"
# A failed case counts as ended: it would most likely fail again, so it is repeated only with --retry-failed.
ENDED: Final = frozenset({FINISHED, FAILED})
# Differences that forbid to resume a sweep.
CASES_CHANGED: Final = "the cases"
INPUTS_CHANGED: Final = "other inputs of the study"
_START_AGAIN: Final = "add --overwrite to start again"


class EarlierBaseline(NamedTuple):
    """The original values of a study in an interrupted sweep: their journal entry, and their sha-256 if it is known."""

    entry: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class SweepSpec:
    """The description of a sweep. A command that resumes the sweep must have the same description.

    ``cases`` is the sha-256 of the table of cases. ``inputs`` is the sha-256 of all values that are not swept, ``None``
    if the server cannot load the study. ``entries`` has the journal entry of the baseline by study, and ``originals``
    the sha-256 of its values. Another computer does not have the entry, and compares the values with the sha-256.
    ``command`` and ``results`` are the command and the name of the file that the folder belongs to, empty in a log of
    an older version.
    """

    server: str
    study: int
    cases: str
    collect: tuple[str, ...]
    charts: str | None
    inputs: str | None
    entries: dict[str, int] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    command: str = ""
    results: str = ""

    @property
    def baselines(self) -> dict[int, EarlierBaseline]:
        """The original values by study."""
        return {int(study): EarlierBaseline(n, self.originals.get(study)) for study, n in self.entries.items()}

    def differences(self, other: SweepSpec) -> list[str]:
        """Return the differences that forbid another sweep to resume this sweep. The studies may differ."""
        # Entries are not compared, because each resumed sweep may add some.
        compared = {
            "the server": (self.server, other.server),
            "the study": (self.study, other.study),
            CASES_CHANGED: (self.cases, other.cases),
            "--collect": (self.collect, other.collect),
            "--collect-charts": (self.charts, other.charts),
        }
        changed = [name for name, (old, new) in compared.items() if old != new]
        known = self.inputs is not None and other.inputs is not None
        return [*changed, *[INPUTS_CHANGED] * (known and self.inputs != other.inputs)]

    def is_same(self, other: SweepSpec) -> bool:
        """Return whether another sweep may resume this sweep."""
        return not self.differences(other)


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
        # Each step is written to the disk before the next step, because a killed sweep must not run a case twice.
        self._file = ProgressFile(self.path, sync=True)

    def read(self) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
        """Return the sweep and the last result of each case, or ``None`` if there is no sweep.

        Raises
        ------
        InvalidFile
            The file cannot be read.

        """
        try:
            return self._read(self._file.lines())
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidFile(f"cannot read {self.path}: {error}", hint=_START_AGAIN) from error

    def _read(self, lines: list[dict[str, Any]]) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
        spec: SweepSpec | None = None
        results: dict[str, CaseResult] = {}
        for fields in lines:
            if "format" in fields:
                spec = _spec(fields, self.path)
            else:
                result = CaseResult(**fields)
                # A crash can leave a line that is JSON, but not a result.
                if not is_as_declared(result):
                    raise ValueError(f"the line of case {result.case!r:.40} is damaged")
                # A case has a line for each step, and the last one counts.
                results[result.case] = result
        return (spec, results) if spec else None

    def make_folder(self) -> None:
        """Create the folder.

        Raises
        ------
        UsageError
            The folder cannot be created.

        """
        with beforehand():
            make_folder(self.folder)

    def begin(self, spec: SweepSpec) -> None:
        """Write the description of the sweep. A resumed sweep adds its own description with new journal entries."""
        self.make_folder()
        with beforehand():
            self._file.start([*self._file.lines(), {"format": FORMAT, **asdict(spec)}])

    def append(self, result: CaseResult) -> None:
        """Write a step of a case."""
        self._file.append(asdict(result))

    def check_folder(self, command: str, results: str, *, resumes: bool) -> None:
        """Reject a folder with foreign files, because ``clear`` would remove them.

        A sweep that ``resumes`` another one removes nothing, so the file of its ``results`` may have another name.

        Raises
        ------
        FileConflict
            The folder contains other files or those of another command or result file, or is a file.

        """
        foreign = not self.folder.is_dir() or (not self.path.exists() and any(self.folder.iterdir()))
        if self.folder.exists() and foreign:
            raise FileConflict(f"{self.folder} exists and does not contain results", hint="choose another name with -o")
        owner = self._owner()
        # Names of files that differ in case only have the same folder on some systems.
        is_same_file = owner is None or not owner.results or str(owner.results).casefold() == results.casefold()
        if owner is not None and owner.command and (owner.command != command or not (is_same_file or resumes)):
            raise FileConflict(
                f"{self.folder} has the results of calc {owner.command} for {owner.results}",
                hint="choose another name with -o",
                study=owner.study,
            )

    def _owner(self) -> SweepSpec | None:
        # A damaged log is overwritten like any other.
        with contextlib.suppress(InvalidFile):
            return earlier[0] if (earlier := self.read()) else None
        return None

    def clear(self) -> None:
        """Remove the folder of an older sweep."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _spec(fields: dict[str, Any], path: Path) -> SweepSpec:
    if fields.pop("format") != FORMAT:
        raise InvalidFile(f"{path} was written by another version of sostrades", hint=_START_AGAIN)
    return SweepSpec(**{**fields, "collect": tuple(fields["collect"])})
