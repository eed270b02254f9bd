"""A run of a study. Its status, log and results depend only on the time since its start."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from server_stub.model import Problem, Timing
from server_stub.values import Value

UNKNOWN_LOAD = "----"
ACTIVE = ("PENDING", "RUNNING", "POD PENDING")
# A process reads the files of the study shortly before it becomes RUNNING.
_READ_AT = 0.8
# A run that fails during its preparation is never RUNNING.
_EARLY_END = 0.95
_REFRESH_SECONDS = 2.0


@dataclass(frozen=True)
class Interruption:
    """A second execute during a run. It sets the status, but the process continues."""

    at: float
    while_running: bool


@dataclass
class Run:
    """A run. Its times are in seconds at speed 1 since its start."""

    execution: int
    study: int
    nodes: tuple[str, ...]
    started_at: float
    speed: float
    timing: Timing
    decided: bool = False
    closed: bool = False
    lost: bool = False
    problem: Problem | None = None
    # Errors of charts, which the process logs after its own error, as (discipline, text).
    chart_errors: tuple[tuple[str, str], ...] = ()
    outputs: dict[str, Value] = field(default_factory=dict)
    inputs: dict[str, Value] = field(default_factory=dict)
    interruption: Interruption | None = None
    # When the process was killed. Nobody reports it, so the status stays as it is.
    killed_at: float = math.inf

    def moment(self, offset: float) -> float:
        """Convert seconds of the run to a time of the clock."""
        return self.started_at + offset / self.speed

    @property
    def read_at(self) -> float:
        """Return the time when the process reads the input values."""
        return self._alive(self.moment(self.timing.pending * _READ_AT))

    @property
    def length(self) -> float:
        """Return the duration of the process, in seconds at speed 1."""
        if self.timing.endless:
            return math.inf
        if self.problem is not None and self.problem.early:
            return self.timing.pending * _EARLY_END
        return self.timing.pending + self.timing.silent + self.timing.work

    @property
    def end_at(self) -> float:
        """Return the time when the process ends."""
        return self._alive(self.moment(self.length)) if self.decided else math.inf

    def _alive(self, moment: float) -> float:
        """Return a time of the process; infinite if it was killed before."""
        return moment if moment <= self.killed_at else math.inf

    def elapsed(self, now: float) -> float:
        """Return the seconds since the start of the run, up to the death of its process."""
        return (min(now, self.killed_at) - self.started_at) * self.speed

    def status(self, now: float) -> str:
        """Return the status in the database."""
        elapsed = self.elapsed(now)
        if self.interruption is not None and (self.interruption.while_running or elapsed < self.timing.pending):
            return "FAILED"
        if elapsed >= self.length:
            return "FINISHED" if self.problem is None else "FAILED"
        return "RUNNING" if elapsed >= self.timing.pending else "PENDING"

    def kill(self, now: float) -> None:
        """End the process without a status, a result or a line in the log."""
        self.killed_at = min(now, self.killed_at)

    def interrupt(self, now: float) -> None:
        """Set the status FAILED. A starting process overwrites it later, a running one loses its results."""
        while_running = self.status(now) == "RUNNING"
        self.interruption = Interruption(now, while_running=while_running)
        self.lost = self.lost or while_running

    @property
    def succeeds(self) -> bool:
        """Return whether the run leaves results."""
        return self.decided and self.problem is None and not self.lost

    def disciplines(self, now: float) -> dict[str, str]:
        """Return the status by full node name. It is empty at first."""
        elapsed = self.elapsed(now)
        if elapsed < self._shown_from:
            return {}
        if not self.timing.moving or (self.problem is not None and self.problem.early):
            return dict.fromkeys(self.nodes, "PENDING")
        return self._moving(elapsed)

    @property
    def _shown_from(self) -> float:
        return min(self.timing.pending + self.timing.silent, self.length)

    def _moving(self, elapsed: float) -> dict[str, str]:
        over = elapsed >= self.length
        root, *leaves = self.nodes
        work = self.timing.work
        done = work if over else _REFRESH_SECONDS * math.floor((elapsed - self._shown_from) / _REFRESH_SECONDS)
        # An endless run stays in the middle of its disciplines.
        reached = min(done / work, 0.5 if self.timing.endless else 1.0) * len(leaves)
        failing = self._failing(leaves)
        states = {root: "RUNNING"}
        for index, leaf in enumerate(leaves):
            states[leaf] = _state(reached - index)
        if over:
            states[root] = "DONE" if self.problem is None else "FAILED"
        if over and failing is not None:
            after = leaves[failing + 1 :]
            states.update({leaves[failing]: "FAILED", **dict.fromkeys(after, "PENDING")})
        return states

    def _failing(self, leaves: Sequence[str]) -> int | None:
        if self.problem is None:
            return None
        name = f"{self.nodes[0]}.{self.problem.discipline}"
        return leaves.index(name) if name in leaves else 0

    def machine(self, now: float) -> tuple[str, str]:
        """Return cpu and memory of the host. The texts are refreshed while the process is alive."""
        elapsed = self.elapsed(now)
        if elapsed < self._shown_from:
            return UNKNOWN_LOAD, UNKNOWN_LOAD
        # An endless run represents a killed process, which no longer refreshes the texts.
        alive = 0.0 if self.timing.endless else min(elapsed, self.length) - self._shown_from
        tick = int(alive // _REFRESH_SECONDS)
        seed = zlib.crc32(f"{self.study}/{self.execution}/{tick}".encode())
        cpu = "0.0" if tick == 0 else str(1 + seed % 100 / 100)
        return f"{cpu}/2", f"{round(1 + seed // 100 % 40 / 100, 2)}/23.54 [GB]"

    def log(self, now: float) -> bytes:
        """Return the log file at present. It only grows."""
        elapsed = min(self.elapsed(now), self.length)
        entries = [entry for entry in _entries(self) if entry[0] <= elapsed]
        return "".join(self._stamped(offset, text) + "\n" for offset, text in entries).encode()

    def written_at(self, now: float) -> float:
        """Return the time of the last line."""
        elapsed = min(self.elapsed(now), self.length)
        return self.moment(max(offset for offset, _ in _entries(self) if offset <= elapsed))

    def _stamped(self, offset: float, text: str) -> str:
        if not text.startswith("|"):
            return text
        at = datetime.fromtimestamp(self.moment(offset), tz=UTC)
        return f"[{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}] {text[1:]}"


def _state(progress: float) -> str:
    """Return the state of a discipline from the time since its start."""
    if progress < 0:
        return "PENDING"
    if progress >= 1:
        return "DONE"
    return "RUNNING" if progress < 0.5 else "LINEARIZING"  # noqa: PLR2004 - the second half


# A line that starts with a bar gets a time stamp. The others are printed by models.
_PREPARATION = (
    (0.0, "|MAIN_SERVER INFO in subprocess: Start of the run"),
    (0.5, "|[worker: 4711] {study}.sostrades_core.ExecutionEngine INFO in execution_engine: Reading the study"),
    (0.7, "|[worker: 4711] {study}.sostrades_core.ExecutionEngine INFO in execution_engine: Configured, café ready"),
)


def _entries(run: Run) -> list[tuple[float, str]]:
    """Return the lines of the whole run, as far as it is decided, with their times."""
    entries = [(share * run.timing.pending, text.format(study=run.study)) for share, text in _PREPARATION]
    if run.problem is not None:
        work_end = min(run.length, run.timing.pending + run.timing.silent + run.timing.work) - 0.2
        return [*entries, *_work(run, work_end * 0.9), *_failure(run, work_end)]
    return [*entries, *_work(run, run.timing.pending + run.timing.silent + run.timing.work), *_success(run)]


def _work(run: Run, until: float) -> list[tuple[float, str]]:
    begin = run.timing.pending + run.timing.silent
    leaves = run.nodes[1:]
    step = run.timing.work / max(1, 4 * len(leaves))
    logger = f"[worker: 4711] {run.study}.sostrades_core"
    entries: list[tuple[float, str]] = []
    for index, leaf in enumerate(leaves):
        at = begin + 4 * index * step
        entries += [
            (at, f"|{logger}.{leaf} INFO in sos_wrapp: Discipline {leaf} starts"),
            (at + step, f"a line printed by {leaf}, without a time stamp"),
            (at + 2 * step, f"|{logger}.{leaf} WARNING in sos_wrapp: {leaf} is slow today"),
            (at + 3 * step, f"|{logger}.{leaf} INFO in sos_wrapp: Discipline {leaf} is done"),
        ]
    return [entry for entry in entries if entry[0] <= until]


def _failure(run: Run, at: float) -> list[tuple[float, str]]:
    """Log the cause, then the errors of charts, which the process draws all the same."""
    problem = run.problem or Problem("", early=False)
    lines = [
        "|[worker: 4711] __main__ ERROR in execution_engine_thread: The following exception occurs during execution.",
        *_traceback("processes/some_model.py", "run", problem.error, problem.text),
    ]
    for discipline, text in run.chart_errors:
        lines += [
            (
                f"|[worker: 4711] {run.study}.sostrades_core.PostProcessing ERROR in post_processing_factory: "
                f"The following error occurs when trying to load post processing for {discipline} discipline. "
                "See exception details."
            ),
            *_traceback("processes/some_charts.py", "draw", *_kind_and_text(text)),
        ]
    lines += [
        f"|[worker: 4711] __main__ INFO in execution: Execution of study {run.study} ends",
        "|[worker: 4711] __main__ INFO in execution: Process 4711 leaves",
    ]
    return [(at, line) for line in lines]


def _traceback(module: str, function: str, error: str, text: str) -> list[str]:
    return [
        "Traceback (most recent call last):",
        f'  File "/srv/sostrades/{module}", line 92, in {function}',
        f"    raise {error}({text!r})",
        f"{error}: {text}",
    ]


def _kind_and_text(error: str) -> tuple[str, str]:
    kind, _, text = error.partition(": ")
    return kind, text


def _success(run: Run) -> list[tuple[float, str]]:
    if not run.decided or run.timing.endless:
        return []
    return [(run.length, f"|[worker: 4711] __main__ INFO in execution: Execution of study {run.study} is over")]
