"""The live view of runs, in windows of several sizes."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from sostrades_cli.output.run_troubles import STALLED
from sostrades_cli.output.watch_live import SPINNER, LiveView
from sostrades_cli.run_events import Event

SIZES = [(80, 24), (200, 50), (40, 10)]


@dataclass
class Window:
    """A live view in a window with its own clock."""

    width: int = 80
    height: int = 24
    names: dict[int, str] = field(default_factory=dict)
    now_s: float = 1000.0
    view: LiveView = field(init=False)

    def __post_init__(self) -> None:
        self.view = LiveView(self.names, lambda: self.now_s, 15.0)

    def shows(self, *events: Event) -> list[str]:
        """Take events and return the drawn lines."""
        for event in events:
            self.view.take(event)
        console = Console(
            file=io.StringIO(), width=self.width, height=self.height, force_terminal=True, color_system=None
        )
        with console.capture() as drawn:
            console.print(self.view)
        return drawn.get().rstrip("\n").split("\n")


def event(name: str = "poll", study: int = 21, status: str = "RUNNING", **more: Any) -> Event:
    """Return an event; `states` are disciplines."""
    states, cpu, elapsed_s = more.get("states", {}), more.get("cpu", "1.0/2"), more.get("elapsed_s", 60.0)
    now, payload = datetime(2026, 11, 22, tzinfo=UTC), {"study_case_execution_status": status}
    facts = {"outcome": status, "exit_code": 0, "elapsed_s": elapsed_s} if name == "finished" else {}
    return Event(name, now, study, status, states, cpu, "1/2 [GB]", elapsed_s, payload, facts)


def mixed(count: int) -> dict[str, str]:
    """Return disciplines in every state, with failed and active ones at the end."""
    states = [*["DONE"] * (count // 3), *["PENDING"] * (count - count // 3 - 3), "LINEARIZING", "RUNNING", "FAILED"]
    return {f"witness.node.of.a.rather.long.name.{number}": state for number, state in enumerate(states)}


@pytest.mark.parametrize("studies", [1, 3, 100])
@pytest.mark.parametrize("disciplines", [5, 86, 500])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("states", ["mixed", "RUNNING", "PENDING", "none"])
def test_view_fits_the_window(size: tuple[int, int], disciplines: int, studies: int, states: str) -> None:
    everyone = mixed(disciplines) if states == "mixed" else {f"d{n}": states for n in range(disciplines)}
    window = Window(*size, names={21: "a study with quite a long name " * 3})
    lines = window.shows(*(event(study=21 + n, states={} if states == "none" else everyone) for n in range(studies)))
    assert len(lines) < size[1]
    assert max(map(len, lines)) <= size[0]
    assert "study" in lines[0]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("disciplines", [5, 86, 500])
def test_failed_and_active_disciplines_come_first(size: tuple[int, int], disciplines: int) -> None:
    lines = Window(*size).shows(event(states=mixed(disciplines)))
    listed = [line for line in lines if line.lstrip().startswith("●")]
    assert "FAILED" in listed[0]
    assert "RUNNING" in "\n".join(listed[1:])
    assert f"{disciplines // 3} of {disciplines} disciplines done" in "\n".join(lines)
    assert f"{disciplines - disciplines // 3 - 3} waiting" in lines[-1]


def test_view_fits_a_smaller_window() -> None:
    window = Window(200, 50)
    assert len(window.shows(event(states=mixed(86)))) < 50
    window.width, window.height = 40, 6
    assert len(window.shows()) < 6


def test_active_disciplines_without_a_line_are_counted() -> None:
    lines = Window().shows(event(states={f"d{n}": "RUNNING" for n in range(86)}))
    shown = sum(line.lstrip().startswith("●") for line in lines)
    assert f"{86 - shown} more active" in lines[-1]


def test_studies_without_a_line_are_counted() -> None:
    events = [event(study=n, name="finished", status="FINISHED") for n in range(1, 100)]
    lines = Window().shows(*events, event(study=100))
    assert "study 100" in lines[0]
    shown = sum("study " in line for line in lines)
    assert f"and {100 - shown} more studies" in lines[-1]


def test_finished_study_shows_no_waiting_disciplines() -> None:
    states = {f"d{n}": "PENDING" for n in range(86)}
    lines = Window().shows(event(states=states), event("finished", status="FINISHED", states=states))
    assert len(lines) == 1
    assert "FINISHED" in lines[0]
    assert "waiting" not in lines[0]


def test_line_of_a_study_has_name_status_time_and_load() -> None:
    [line] = Window(names={21: "dice"}).shows(event())
    for part in ("dice", "study 21", "RUNNING", "1:00", "1.0/2", "1/2 [GB]"):
        assert part in line


def test_spinner_moves_only_with_an_answer() -> None:

    def spinner(lines: list[str]) -> str:
        return next(character for character in lines[0] if character in SPINNER)

    window = Window()
    first = spinner(window.shows(event()))
    window.now_s += 60
    assert spinner(window.shows()) == first
    assert spinner(window.shows(event("outage"))) == first
    assert spinner(window.shows(event("recovered"))) != first


def test_outage_is_shown_with_its_duration() -> None:
    window = Window()
    assert "no answer" not in window.shows(event())[0]
    window.now_s += 20
    assert "no answer for 20 s" in window.shows()[0]
    assert "no answer for 20 s" in window.shows(event("outage"))[0]
    window.now_s += 5
    assert "no answer for 25 s" in window.shows()[0]
    assert "no answer" not in window.shows(event("recovered"))[0]


def test_time_advances_during_an_outage() -> None:
    window = Window()
    window.shows(event(elapsed_s=60.0))
    window.now_s += 30
    assert " 1:30" in window.shows()[0]
    assert " 1:30" in window.shows(event("outage", elapsed_s=90.0))[0]
    window.now_s += 10
    assert " 1:40" in window.shows()[0]


def test_stall_is_shown_until_a_change() -> None:
    window = Window(200)
    assert STALLED in window.shows(event(), event("stalled"), event())[0]
    assert STALLED not in window.shows(event(cpu="2.0/2"))[0]


def test_hostile_names_are_escaped() -> None:
    evil = "x\x1b]0;owned\x07"
    lines = Window(200, names={21: evil}).shows(event(status=evil, states={evil: evil}, cpu=evil))
    assert "\x1b" not in "".join(lines)


def test_one_summary_per_study_remains() -> None:
    window = Window()
    window.shows(event(study=1), event(study=2), event("finished", study=1, status="FAILED"))
    assert [line.plain.split("  ")[0] for line in window.view.summaries()] == ["study 1", "study 2"]


def test_load_of_the_host_is_rounded() -> None:
    assert "cpu 1.39/2  memory" in "\n".join(Window().shows(event(cpu="1.3900000000000001/2")))
