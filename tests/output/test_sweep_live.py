"""The live view of a sweep, in windows of several sizes."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from sostrades_cli.output.answer_pace import AnswerPace
from sostrades_cli.output.sweep_live import FAILED, FINISHED, RUNNING, Sweep, SweepCase, SweepView

SIZES = [(80, 24), (200, 50), (40, 10), (40, 3)]


@dataclass
class SweepWindow:
    """A sweep of cases c0, c1 ... with its view, in a window with its own clock."""

    total: int
    workers: int = 1
    usual_s: float | None = None
    size: tuple[int, int] = (80, 24)
    notes: list[str] = field(default_factory=list)
    now_s: float = 1000.0
    noun: str = "case"
    headline: str = ""
    cases: dict[str, SweepCase] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sweep = Sweep(
            "sweep of dice · study 21",
            self.total,
            self.workers,
            lambda: list(self.cases.values()),
            self.usual_s,
            self.notes,
            self.noun,
            lambda: self.headline,
        )
        self.view = SweepView(sweep, lambda: self.now_s)

    def starts(self, case: str, study: int = 21) -> None:
        """Start a case."""
        self.cases[case] = SweepCase(case, study, RUNNING)
        self.view.take(case)

    def ends(self, case: str, state: str, elapsed_s: float) -> None:
        """End a case."""
        self.cases[case] = SweepCase(case, 21, state, elapsed_s)
        self.view.take(case)

    def shows(self) -> list[str]:
        """Return the drawn lines."""
        console = Console(
            file=io.StringIO(), width=self.size[0], height=self.size[1], force_terminal=True, color_system=None
        )
        with console.capture() as drawn:
            console.print(self.view)
        return [line.rstrip() for line in drawn.get().rstrip("\n").split("\n")]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("total", [1, 30, 1000])
def test_view_fits_the_window(size: tuple[int, int], total: int) -> None:
    sweep = SweepWindow(total, workers=8, size=size, notes=["a long note " * 30] * 5)
    for number in range(total):
        sweep.starts(f"c{number}")
        if number % 2:
            sweep.ends(f"c{number}", FAILED if number % 3 else FINISHED, 5.0)
    lines = sweep.shows()
    assert len(lines) < size[1]
    assert max(map(len, lines)) <= size[0]


def test_running_cases_are_listed_with_their_time_and_study() -> None:
    sweep = SweepWindow(5, workers=2)
    sweep.starts("c0", study=31)
    sweep.now_s += 10
    sweep.starts("c1", study=32)
    sweep.now_s += 5
    lines = sweep.shows()
    assert "sweep of dice · study 21" in lines[0]
    assert [line.split()[1:] for line in lines if "●" in line] == [
        ["c0", "study", "31", "RUNNING", "15", "s"],
        ["c1", "study", "32", "RUNNING", "5", "s"],
    ]
    assert "0 of 5 cases" in lines[1]
    assert "3 waiting" in lines[-1]


def test_best_value_of_a_search_is_in_the_first_line() -> None:
    search = SweepWindow(4, noun="trial")
    search.starts("0")
    search.ends("0", FINISHED, 21.0)
    assert "best" not in search.shows()[0]
    search.headline = "best 4.25"
    lines = search.shows()
    assert (lines[0].endswith("best 4.25   restoring the original values"), "1 of 4 trials" in lines[1]) == (True, True)


def test_last_cases_to_end_are_listed_with_their_end() -> None:
    sweep = SweepWindow(4)
    for case, state in (("c0", FINISHED), ("c1", FAILED)):
        sweep.starts(case)
        sweep.ends(case, state, 20.7)
    sweep.starts("c2")
    lines = sweep.shows()
    assert "1 failed" in lines[0]
    assert [line.split() for line in lines[3:5]] == [
        ["✗", "c1", "FAILED", "21", "s"],
        ["✓", "c0", "FINISHED", "21", "s"],
    ]
    assert "50 %" in lines[1]


@pytest.mark.parametrize(("workers", "left"), [(1, "about 50 s left"), (2, "about 25 s left")])
def test_estimate_comes_from_the_cases_that_ended(workers: int, left: str) -> None:
    sweep = SweepWindow(4, workers=workers, usual_s=1000.0)
    sweep.ends("c0", FINISHED, 20.0)
    sweep.starts("c1")
    sweep.now_s += 10
    assert left in "\n".join(sweep.shows())


def test_first_estimate_comes_from_earlier_runs() -> None:
    sweep = SweepWindow(4, usual_s=30.0)
    sweep.starts("c0")
    assert "about 2:00 left" in "\n".join(sweep.shows())
    assert "left" not in "\n".join(SweepWindow(4).shows())


def test_restoring_of_the_original_values_is_shown() -> None:
    sweep = SweepWindow(4)
    assert "restoring" not in sweep.shows()[0]
    sweep.starts("c0")
    assert "restoring" not in sweep.shows()[0]
    del sweep.cases["c0"]  # abandoned
    text = "\n".join(sweep.shows())
    assert "restoring the original values" in text
    assert "waiting" not in text
    assert "left" not in text


def test_hostile_names_and_notes_are_escaped() -> None:
    sweep = SweepWindow(2, notes=["\x1b[2mdim note\x1b[0m"])
    sweep.starts("evil\x1b]0;owned\x07")
    text = "\n".join(sweep.shows())
    assert "\x1b" not in text
    assert "dim note" in text


def test_late_answer_is_named_and_the_estimate_is_left_out() -> None:
    sweep = SweepWindow(3, usual_s=60.0)
    sweep.starts("c0")
    pace = AnswerPace(sweep.now_s)
    sweep.cases["c0"] = SweepCase("c0", 21, RUNNING, pace=pace)
    sweep.now_s += 1
    pace.take(sweep.now_s)
    sweep.now_s += 3
    assert "left" in sweep.shows()[1]
    sweep.now_s += 9
    assert "no answer for 12 s" in sweep.shows()[1]
    assert "left" not in sweep.shows()[1]
    pace.take(sweep.now_s)
    assert "left" in sweep.shows()[1]
