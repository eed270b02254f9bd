"""The live view of runs, in windows of several sizes."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow
from rich.console import Console

from sostrades_cli.errors import RunFailed
from sostrades_cli.output.disciplines import without_root
from sostrades_cli.output.run_troubles import NO_PROGRESS
from sostrades_cli.output.spinner import FRAMES
from sostrades_cli.output.text import duration
from sostrades_cli.output.watch_live import LiveView
from sostrades_cli.run_events import MISS, Event

if TYPE_CHECKING:
    from rich.console import RenderableType

SIZES = [(80, 24), (200, 50), (40, 10)]


@dataclass
class Window:
    """A live view in a window with its own clock."""

    width: int = 80
    height: int = 24
    names: dict[int, str] = field(default_factory=dict)
    now_s: float = 1000.0
    order: tuple[int, ...] = ()
    usual_s: dict[int, float] = field(default_factory=dict)
    view: LiveView = field(init=False)

    def __post_init__(self) -> None:
        self.view = LiveView(self.names, lambda: self.now_s, 15.0, self.order, self.usual_s)

    def shows(self, *events: Event) -> list[str]:
        """Take events and return the drawn lines."""
        for event in events:
            self.view.take(event)
        return self._drawn(self.view)

    def leaves(self) -> list[str]:
        """Return the lines that stay on the screen."""
        return self._drawn(self.view.summary(self.width))

    def _drawn(self, renderable: RenderableType) -> list[str]:
        console = Console(
            file=io.StringIO(), width=self.width, height=self.height, force_terminal=True, color_system=None
        )
        with console.capture() as drawn:
            console.print(renderable)
        return [line.rstrip() for line in drawn.get().rstrip("\n").split("\n")]


def event(name: str = "poll", study: int = 21, status: str = "RUNNING", **more: Any) -> Event:
    """Return an event; `states` are disciplines."""
    states, cpu, elapsed_s = more.get("states", {}), more.get("cpu", "1.0/2"), more.get("elapsed_s", 60.0)
    now, payload = datetime(2026, 11, 22, tzinfo=UTC), {"study_case_execution_status": status}
    facts = {"outcome": status, "exit_code": 0, "elapsed_s": elapsed_s} if name == "finished" else {}
    memory, error, run_s = more.get("memory", "1/2 [GB]"), more.get("error"), more.get("run_s")
    return Event(name, now, study, status, states, cpu, memory, elapsed_s, payload, facts, error, run_s)


def mixed(count: int) -> dict[str, str]:
    """Return disciplines in every state, with failed and active ones at the end."""
    states = [*["DONE"] * (count // 3), *["PENDING"] * (count - count // 3 - 3), "LINEARIZING", "RUNNING", "FAILED"]
    return {f"witness.node.of.a.rather.long.name.{number}": state for number, state in enumerate(states)}


@pytest.mark.parametrize(
    ("disciplines", "studies"),
    [
        *((disciplines, studies) for disciplines in (5, 86, 500) for studies in (1, 3)),
        (5, 100),
        slow(86, 100),
        slow(500, 100),
    ],
)
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
    if size[0] > 40:
        assert f"{disciplines // 3} of {disciplines} disciplines" in "\n".join(lines)
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
    shown = sum("study " in line for line in lines)
    assert "study 100" in "\n".join(lines)
    assert f"and {100 - shown} more studies" in lines[-1]


def test_finished_study_shows_no_waiting_disciplines() -> None:
    states = {f"d{n}": "PENDING" for n in range(86)}
    lines = Window().shows(event(states=states), event("finished", status="FINISHED", states=states))
    assert "FINISHED" in lines[0]
    assert "waiting" not in "\n".join(lines)


def test_line_of_a_study_has_name_status_time_and_load() -> None:
    text = "\n".join(Window(names={21: "dice"}).shows(event()))
    for part in ("dice", "study 21", "RUNNING", "1:00", "1.0/2", "1/2 GB"):
        assert part in text


def test_spinner_moves_only_with_an_answer() -> None:

    def spinner(lines: list[str]) -> str:
        return next(character for character in lines[0] if character in FRAMES)

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


def test_outage_lasts_while_no_poll_is_answered() -> None:
    window = Window()
    window.shows(event())
    for silent_s in (20, 40, 60):
        window.now_s += 20
        assert f"no answer for {duration(silent_s)}" in window.shows(event("outage" if silent_s == 20 else MISS))[0]
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
    assert NO_PROGRESS in window.shows(event(), event("stalled"), event())[0]
    assert NO_PROGRESS not in window.shows(event(cpu="2.0/2"))[0]


def test_stall_has_its_own_line_in_a_narrow_window() -> None:
    lines = Window(50, names={21: "witness"}).shows(event(), event("stalled"))
    assert "witness · study 21" in lines[0]
    assert NO_PROGRESS in lines[1]


def test_hostile_names_are_escaped() -> None:
    evil = "x\x1b]0;owned\x07"
    lines = Window(200, names={21: evil}).shows(event(status=evil, states={evil: evil}, cpu=evil))
    assert "\x1b" not in "".join(lines)


def test_one_summary_per_study_remains_in_the_order_given() -> None:
    window = Window(order=(2, 1))
    window.shows(event(study=1), event(study=2), event("finished", study=1, status="FAILED"))
    assert [re.findall(r"study \d", line) for line in window.leaves()] == [["study 2"], ["study 1"]]


def test_load_of_the_host_has_two_decimals() -> None:
    text = "\n".join(Window().shows(event(cpu="1.3900000000000001/2", memory="1.0555/23.54 [GB]")))
    assert "1.39/2 " in text
    assert "1.06/23.54 GB" in text


def test_root_node_is_not_a_discipline() -> None:
    states = {"dice": "RUNNING", "dice.Macro": "RUNNING", "dice.Macro.Capital": "PENDING"}
    lines = Window().shows(event(states=states))
    assert "dice · study 21" in lines[0]
    assert "0 of 2 disciplines" in lines[1]
    assert [line.split()[1] for line in lines if "●" in line] == ["Macro"]


@pytest.mark.parametrize(
    ("name", "nodes", "shown"),
    [
        ("", ["s", "s.A", "s.A.B"], ["A", "A.B"]),
        ("s", ["s.A", "s.A.B"], ["A", "A.B"]),
        ("s.v2", ["s.v2", "s.v2.A"], ["A"]),
        ("", ["s.A", "s.A.B"], ["s.A", "s.A.B"]),
        ("renamed", ["s", "s.A"], ["s", "s.A"]),
        ("", ["s"], ["s"]),
        ("", [], []),
    ],
    ids=str,
)
def test_discipline_names_are_without_the_name_of_the_study(name: str, nodes: list[str], shown: list[str]) -> None:
    assert list(without_root(dict.fromkeys(nodes, "DONE"), name)[1]) == shown


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_bar_is_as_wide_as_the_window(size: tuple[int, int]) -> None:
    window = Window(*size)
    bar = window.shows(event(states=mixed(86)))[1]
    assert "32 %" in bar
    assert len(bar) == size[0]


@pytest.mark.parametrize(
    ("status", "state", "color"),
    [("RUNNING", "DONE", 33), ("RUNNING", "FAILED", 31), ("FINISHED", "DONE", 32)],
    ids=str,
)
def test_bar_has_the_color_of_the_state(status: str, state: str, color: int) -> None:
    window = Window()
    window.view.take(event(status=status, states={"a": "DONE", "b": state}))
    console = Console(file=io.StringIO(), width=80, height=24, force_terminal=True, color_system="standard")
    console.print(window.view)
    assert isinstance(console.file, io.StringIO)
    assert f"\x1b[{color}m━━━" in console.file.getvalue()


def test_time_is_since_the_start_or_watched() -> None:
    assert "1:00 watched" in Window().shows(event(elapsed_s=60.0))[0]
    assert "5:00 since start" in Window().shows(event(elapsed_s=60.0, run_s=300.0))[0]


def test_time_never_goes_back() -> None:
    window = Window()
    window.shows(event(elapsed_s=60.0))
    window.now_s += 20.0  # the answer came late, so the time of the event is older
    assert "1:20" in window.shows(event(elapsed_s=70.0))[0]
    assert "1:20" in window.shows(event(elapsed_s=70.0, run_s=75.0))[0]
    assert "1:20" in window.shows(event("finished", status="FINISHED", elapsed_s=70.0, run_s=75.0))[0]


def test_wait_for_a_run_shows_no_disciplines_of_the_last_run() -> None:
    window = Window()
    states = {"dice": "DONE", "dice.Macro": "DONE", "dice.Damage": "DONE"}
    text = "\n".join(window.shows(event(status="NOT EXECUTED", states=states, elapsed_s=0.0)))
    assert "%" not in text
    assert "disciplines" not in text
    window.shows(event("finished", status="NOT EXECUTED", states=states, error=RunFailed("no run")))
    assert window.leaves() == ["✗ dice · study 21   NOT EXECUTED"]


def test_wait_for_a_run_counts_on() -> None:
    window = Window()
    window.shows(event(status="", elapsed_s=0.0))
    window.now_s += 30.0
    assert "waiting for a run, 30 s" in window.shows(event(status="", elapsed_s=0.0))[0]
    window.now_s += 30.0
    assert "2 s since start" in window.shows(event(status="PENDING", elapsed_s=60.0, run_s=2.0))[0]


def test_discipline_shows_the_time_in_its_state() -> None:
    window = Window()
    window.shows(event(states={"early": "RUNNING", "late": "PENDING", "quick": "PENDING"}))
    window.now_s += 10
    window.shows(event(states={"early": "RUNNING", "late": "RUNNING", "quick": "PENDING"}))
    window.now_s += 5
    lines = window.shows(event(states={"early": "RUNNING", "late": "RUNNING", "quick": "DONE"}))
    times = {words[1]: words[3:] for words in (line.split() for line in lines[2:5])}
    # The start of the first was not observed, and the last began and ended between two answers.
    assert times == {"early": ["over", "15", "s"], "late": ["5", "s"], "quick": ["under", "5", "s"]}


def test_ended_times_are_rounded_and_limits_hold() -> None:
    window = Window()
    states = {"early": "RUNNING", "late": "PENDING", "quick": "PENDING"}
    window.shows(event(states=states))
    window.now_s += 1.6
    window.shows(event(states={**states, "late": "RUNNING"}))
    window.now_s += 1.6
    lines = window.shows(event(states=dict.fromkeys(states, "DONE")))
    times = {words[1]: words[3:] for words in (line.split() for line in lines[2:5])}
    assert times == {"early": ["over", "3", "s"], "late": ["2", "s"], "quick": ["under", "2", "s"]}


def test_ended_run_has_the_same_time_in_the_view_and_in_the_summary() -> None:
    window = Window()
    window.shows(event(run_s=0.0))
    window.now_s += 2.7
    [line] = window.shows(event("finished", status="FINISHED", run_s=2.7))[:1]
    assert "3 s since start" in line
    assert any("after 3 s" in line for line in window.leaves())


def test_last_disciplines_to_end_are_listed_with_their_time() -> None:
    window = Window()
    names = [f"d{number}" for number in range(9)]
    lines: list[str] = []
    for done in range(9):
        states = {name: "DONE" if n < done else "RUNNING" if n == done else "PENDING" for n, name in enumerate(names)}
        lines = window.shows(event(states=states))
        window.now_s += 7
    listed = [line.split()[1:] for line in lines if "✓" in line]
    assert listed == [[f"d{n}", "DONE", "7", "s"] for n in (7, 6, 5, 4, 3)]


def test_time_of_a_discipline_in_a_loop_restarts() -> None:
    window = Window()
    lines: list[str] = []
    for state in ("PENDING", "RUNNING", "DONE", "RUNNING"):
        lines = window.shows(event(states={"a": state, "b": "PENDING"}))
        window.now_s += 4
    assert [line.split()[1:] for line in lines if "●" in line] == [["a", "RUNNING", "0", "s"]]


def test_estimate_comes_from_earlier_runs() -> None:
    window = Window(usual_s={21: 100.0})
    text = "\n".join(window.shows(event(states=mixed(86), run_s=50.0)))
    assert "about 50 s left" in text
    window.now_s += 60
    assert "usually 1:40" in "\n".join(window.shows(event(states=mixed(86), run_s=110.0)))
    assert "left" not in "\n".join(Window(usual_s={21: 100.0}).shows(event(states=mixed(86))))


def text_after_stillness(usual_s: dict[int, float], run_s: float) -> str:
    """Return the view of a run whose disciplines have been PENDING for a while."""
    window, states = Window(usual_s=usual_s), {"a": "PENDING", "b": "PENDING"}
    assert "%" not in "\n".join(window.shows(event(states=states, run_s=run_s - 20.0)))
    window.now_s += 20
    return "\n".join(window.shows(event(states=states, run_s=run_s)))


def test_share_is_that_of_the_time_where_no_discipline_moves() -> None:
    """This is the case in subprocess mode, where all disciplines stay PENDING to the end."""
    text = text_after_stillness({21: 100.0}, 50.0)
    assert "50 %" in text
    assert "of 2 disciplines" not in text
    assert "%" not in text_after_stillness({}, 50.0)
    assert "99 %" in text_after_stillness({21: 100.0}, 150.0)


def test_begin_of_a_run_has_no_percentage_of_the_time() -> None:
    window = Window(usual_s={21: 10.0})
    assert "%" not in "\n".join(window.shows(event(run_s=5.0)))
    assert "%" not in "\n".join(window.shows(event(states={"a": "PENDING"}, run_s=6.0)))
    assert shown_percent(window.shows(event(states={"a": "RUNNING"}, run_s=7.0))) == 0


def test_waiting_run_has_no_percentage() -> None:
    window = Window(usual_s={21: 8.0})
    text = "\n".join(window.shows(event(status="PENDING", states={"a": "PENDING", "b": "PENDING"}, run_s=4.0)))
    assert "%" not in text
    assert "left" not in text
    assert "usually 8 s" in text
    several = "\n".join(window.shows(event(study=22, status="PENDING", run_s=4.0)))
    assert "%" not in several


def shown_percent(lines: list[str]) -> int:
    """Return the percentage beside the bar."""
    result = re.search(r"(\d+) %", "\n".join(lines))
    assert result is not None
    return int(result[1])


def test_bar_never_goes_back_during_a_run() -> None:
    window, shares = Window(usual_s={21: 100.0}), []
    for states, run_s in (("PENDING", 50.0), ("RUNNING", 60.0), ("DONE", 70.0), ("RUNNING", 80.0)):
        shares.append(
            shown_percent(window.shows(event(states={"a": states, "b": "PENDING", "c": "DONE"}, run_s=run_s)))
        )
    assert shares == sorted(shares)
    new_run = window.shows(event(status="PENDING", states={"a": "PENDING"}, run_s=0.0))
    assert "%" not in "\n".join(new_run)


def test_bar_and_estimate_stop_during_an_outage() -> None:
    window = Window(usual_s={21: 100.0})
    states = {"a": "PENDING", "b": "PENDING"}
    window.shows(event(states=states, run_s=28.0))
    window.now_s += 12
    before = shown_percent(window.shows(event(states=states, run_s=40.0)))
    window.now_s += 12
    assert shown_percent(window.shows()) == before
    window.now_s += 12
    lines = window.shows(event("outage", states=states))
    assert shown_percent(lines) == before
    assert "left" not in "\n".join(lines)


def test_late_answer_is_named_by_the_pace_of_the_last_ones() -> None:
    window = Window()
    window.shows(event())
    window.now_s += 1
    window.shows(event())
    window.now_s += 4
    assert "no answer" not in window.shows()[0]
    window.now_s += 8
    lines = window.shows()
    assert "no answer for 12 s" in lines[0]
    assert "updated" not in "\n".join(lines)
    slow = Window()
    slow.shows(event())
    slow.now_s += 10
    slow.shows(event("discipline"), event())
    slow.now_s += 12
    assert "no answer" not in slow.shows()[0]


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "STOPPED"])
def test_ended_run_has_no_spinner(status: str) -> None:
    window = Window()
    window.shows(event())
    assert not set("\n".join(window.shows(event("status", status=status)))) & set(FRAMES)
    assert not set("\n".join(window.shows(event("finished", status=status)))) & set(FRAMES)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_several_studies_are_aligned_in_the_order_given(size: tuple[int, int]) -> None:
    window = Window(*size, names={1: "dice", 2: "a much longer name than the other", 3: "sellar"}, order=(3, 1, 2))
    lines = window.shows(
        event(study=1, states=mixed(5), run_s=3.0),
        event("finished", study=2, status="FINISHED", run_s=70.0),
        event(study=3, status="PENDING"),
    )[:3]
    assert [re.findall(r"study (\d)", line) for line in lines] == [["3"], ["1"], ["2"]]
    assert "dice" in lines[1] or size[0] <= 40
    assert (
        len({line.index(status[:4]) for line, status in zip(lines, ("PENDING", "RUNNING", "FINISHED"), strict=True)})
        == 1
    )


def test_active_disciplines_of_several_studies_are_listed() -> None:
    window = Window(names={1: "dice", 2: "sellar"})
    window.shows(event(study=1, states={"dice": "RUNNING", "dice.Macro": "PENDING", "dice.Damage": "DONE"}))
    window.shows(event(study=2, states={"sellar": "RUNNING", "sellar.Problem": "FAILED"}))
    lines = window.shows(event(study=1, states={"dice": "RUNNING", "dice.Macro": "RUNNING", "dice.Damage": "DONE"}))
    assert [line.split() for line in lines[2:]] == [
        ["●", "sellar", "·", "Problem", "FAILED"],
        ["●", "dice", "·", "Macro", "RUNNING", "0", "s"],
    ]


def test_summary_has_status_and_time() -> None:
    window = Window(names={21: "dice"})
    window.shows(event(run_s=80.0), event("finished", status="FINISHED", run_s=84.0))
    assert window.leaves() == ["✓ dice · study 21   FINISHED   after 1:20"]
    assert window.view.next_command() == "sostrades param list 21 --outputs"


def test_failed_run_has_no_next_command_of_the_view() -> None:
    """Its error has one."""
    window = Window()
    window.shows(event(), event("finished", status="FAILED", error=RunFailed("it failed")))
    assert window.leaves()[0].startswith("✗ study 21   FAILED")
    assert window.view.next_command() is None


@pytest.mark.parametrize("width", [30, 40, 60, 80])
@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "POD ERROR"])
def test_outcome_in_the_summary_is_never_cut(width: int, status: str) -> None:
    window = Window(width=width, names={21: "a study with a rather long name"})
    states = {f"dice.Node{number}": "DONE" for number in range(86)}
    window.shows(event(states=states, run_s=80.0), event("finished", status=status, states=states, run_s=4000.0))
    (line,) = window.leaves()
    assert len(line) <= width
    assert "study 21" in line
    assert status in line
    assert not line.endswith("…")
