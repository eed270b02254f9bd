"""Test a start and a change of the same study at the same time on one computer."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from fake_study import STUDY, FakeStudy

from sostrades_cli.errors import RunActive, SostradesError, UserInterrupt
from sostrades_cli.operations.calc.start import begin, begin_each
from sostrades_cli.operations.changes import ChangeOptions, set_parameters
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.study_locks import change_lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.operations.context import Context

A = "dice.a"
TO_7 = [Assignment(A, value=7.0)]
IS_SHORT_S = 20


@pytest.fixture
def study() -> FakeStudy:
    """Return a study with one value."""
    return FakeStudy({A: 1.0})


class Other:
    """Another command, in a thread of its own: what it waits for, and the error that it ends with."""

    def __init__(self, study: FakeStudy, folder: Path, command: Callable[[Context], object]) -> None:
        self.notes: list[str] = []
        self.error: SostradesError | None = None
        self._waiting = threading.Event()
        self._command = command
        self._context = study.context(folder, notify=self._note)
        self._thread = threading.Thread(target=self._run)

    def start_and_wait(self) -> None:
        """Start, and return once the command waits or ends."""
        self._thread.start()
        assert self._waiting.wait(IS_SHORT_S)

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join(IS_SHORT_S)
        assert not self._thread.is_alive()

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self._waiting.set()

    def _run(self) -> None:
        try:
            self._command(self._context)
        except SostradesError as error:
            self.error = error
        finally:
            self._waiting.set()


def test_change_waits_for_a_start_and_is_refused(study: FakeStudy, tmp_path: Path) -> None:
    change = Other(study, tmp_path, lambda context: set_parameters(context, STUDY, TO_7, ChangeOptions()))
    study.before_start = change.start_and_wait
    begin(study.context(tmp_path), STUDY, [], attach=False)
    change.join()
    assert isinstance(change.error, RunActive)
    assert study.writes == []
    assert len(change.notes) == 1


def test_start_waits_for_a_change(study: FakeStudy, tmp_path: Path) -> None:
    start = Other(study, tmp_path, lambda context: begin(context, STUDY, [], attach=False))
    study.before_write = start.start_and_wait
    set_parameters(study.context(tmp_path), STUDY, TO_7, ChangeOptions())
    start.join()
    assert start.error is None
    assert study.requests.index("update") < study.requests.index("execute")
    assert len(start.notes) == 1


def test_second_start_does_not_wait(study: FakeStudy, tmp_path: Path) -> None:
    start = Other(study, tmp_path, lambda context: begin(context, STUDY, [], attach=False))
    study.before_start = start.start_and_wait
    begin(study.context(tmp_path), STUDY, [], attach=False)
    start.join()
    assert isinstance(start.error, RunActive)
    assert study.requests.count("execute") == 1


def test_start_with_values_does_not_wait_for_its_own_lock(study: FakeStudy, tmp_path: Path) -> None:
    begin(study.context(tmp_path), STUDY, TO_7, attach=False)
    assert (study.values[A], study.requests[-1]) == (7.0, "execute")


def test_change_between_the_values_and_the_start_waits(study: FakeStudy, tmp_path: Path) -> None:
    change = Other(study, tmp_path, lambda context: set_parameters(context, STUDY, TO_7, ChangeOptions()))
    study.before_write = change.start_and_wait
    begin(study.context(tmp_path), STUDY, [Assignment(A, value=5.0)], attach=False)
    change.join()
    assert isinstance(change.error, RunActive)
    assert study.values[A] == 5.0


def test_start_is_possible_after_a_change_was_killed(study: FakeStudy, tmp_path: Path) -> None:
    context = study.context(tmp_path)
    with pytest.raises(KeyboardInterrupt), change_lock(context, STUDY):
        raise KeyboardInterrupt
    begin(context, STUDY, [], attach=False)
    assert study.status == "PENDING"


def test_error_of_interrupted_starts_lists_the_started_studies(study: FakeStudy, tmp_path: Path) -> None:
    starts: list[str] = []

    def interrupt_the_second() -> None:
        starts.append("start")
        if len(starts) > 1:
            raise KeyboardInterrupt

    context = study.context(tmp_path)
    study.before_start = interrupt_the_second
    with pytest.raises(UserInterrupt) as raised:
        begin_each(context, [21, 22, 23], [], attach=False)
    assert raised.value.detail is not None
    assert [line[-2:] for line in raised.value.detail.splitlines()] == ["21", "22", "23"]
