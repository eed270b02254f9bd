"""Build the matrix of all cases, derived from the commands on a working server, and count them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from faults import rules
from faults.cells import Case, Played, play
from faults.kinds import COLUMNS, KINDS
from faults.network import ONCE, SERVER
from faults.scenarios import SCENARIOS, Scenario
from faults.verdicts import wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from faults.exchange import Kind
    from faults.network import Step


@cache
def well(scenario: Scenario, *, as_json: bool) -> Played:
    """Return the result of a command on a working server."""
    played = play(Case(scenario, as_json=as_json))
    assert played.outcome.code == 0, f"{scenario.words}: {played.outcome.err}"
    return played


def steps(scenario: Scenario) -> list[Step]:
    """Return the requests of a command that are tested: the first and the last to each route."""
    requests = well(scenario, as_json=False).network.steps
    first = {step[:2]: step for step in reversed(requests)}
    last = {step[:2]: step for step in requests}
    chosen = {*first.values(), *last.values()}
    return [step for step in requests if step in chosen]


def cases(scenarios: Iterable[Scenario] = SCENARIOS) -> Iterator[Case]:
    """Yield every case."""
    for scenario in scenarios:
        types = well(scenario, as_json=False).network.types
        for at, step in enumerate(steps(scenario)):
            is_json = types[step[:2]] == "application/json"
            optional = rules.is_optional(scenario, step.route)
            for kind in KINDS:
                if (kind.needs_body and step.method == "HEAD") or (kind.needs_json and not is_json):
                    continue
                # A certificate does not change within a command.
                if kind.column == "TLS" and at:
                    continue
                for lasting in _lasting(kind, step, at, optional=optional):
                    yield Case(scenario, kind, step, lasting, as_json=lasting == SERVER, first=not at)


def _lasting(kind: Kind, step: Step, at: int, *, optional: bool) -> tuple[str, ...]:
    """Return how long a fault lasts: once and forever, or forever only if the first one ends the command."""
    if kind.column == "TLS":
        return (SERVER,)
    if rules.is_passing(kind) or step.is_write or optional:
        return (ONCE, SERVER)
    return (SERVER if at % 2 else ONCE,)


def judged(case: Case) -> list[str]:
    """Run a case and return the violated rules."""
    good = well(case.scenario, as_json=case.as_json)
    return wrong(case, play(case, good.network.types), good)


@dataclass
class Matrix:
    """Counts of cases by command and column, and the failures."""

    total: Counter[tuple[str, str]] = field(default_factory=Counter)
    passed: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def add(self, case: Case, violations: list[str]) -> None:
        """Count a case."""
        assert case.kind is not None
        cell = " ".join(case.scenario.path), case.kind.column
        self.total[cell] += 1
        self.passed[cell] += not violations
        self.broken += [f"{case}: {text}" for text in violations]

    def take(self, other: Matrix) -> None:
        """Add the counts of another matrix."""
        self.total += other.total
        self.passed += other.passed
        self.broken += other.broken

    def table(self) -> str:
        """Return the matrix as text, with a row per command and passed / total in each cell."""
        rows = list(dict.fromkeys(row for row, _ in self.total))
        lines = [["command", *COLUMNS, "all"]]
        lines += [
            [row, *(self._cell([row], [column]) for column in COLUMNS), self._cell([row], COLUMNS)] for row in rows
        ]
        lines.append(["all", *(self._cell(rows, [column]) for column in COLUMNS), self._cell(rows, COLUMNS)])
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if not at else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        )

    def _cell(self, rows: Iterable[str], columns: Iterable[str]) -> str:
        cells = [(row, column) for row in rows for column in columns]
        return f"{sum(self.passed[cell] for cell in cells)}/{sum(self.total[cell] for cell in cells)}"


def played_of(command: str) -> Matrix:
    """Run the cases of a command and count them."""
    matrix = Matrix()
    for case in cases([scenario for scenario in SCENARIOS if " ".join(scenario.path) == command]):
        matrix.add(case, judged(case))
    return matrix


EVERY: Final = 29


def slice_of(number: int) -> list[Case]:
    """Return one of ``EVERY`` slices of the cases. Each has some of every command and kind."""
    return [case for at, case in enumerate(cases()) if at % EVERY == number]


def sample(scenarios: Iterable[Scenario]) -> list[Case]:
    """Return two cases of each scenario, with different requests and kinds."""
    chosen = []
    for number, scenario in enumerate(scenarios):
        own = list(cases([scenario]))
        chosen += [own[(number * EVERY + half) % len(own)] for half in (0, len(own) // 2)]
    return chosen
