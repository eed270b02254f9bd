"""Test Ctrl-C in calls of the library: a KeyboardInterrupt that says what is left, and never a SostradesError."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from broken_network import BreakingNetwork

from sostrades_cli import CaseOutcome, Interrupted, SostradesError

if TYPE_CHECKING:
    from conftest import User

    from sostrades_cli import Study

DAMAGE = "Damage.total_damage"


def notes(error: BaseException) -> str:
    """Return the notes of an exception."""
    return "\n".join(getattr(error, "__notes__", ()))


def interrupting(user: User, path: str, number: int = 1) -> Study:
    """Return study 21 of a client in which Ctrl-C is pressed during a request."""
    user.transport = BreakingNetwork(user, KeyboardInterrupt, path, number, after=True)
    return user.client().study(21)


def interrupt(_: object) -> None:
    """Press Ctrl-C in a callback."""
    raise KeyboardInterrupt


def test_interrupt_is_not_an_error_of_the_library() -> None:
    assert issubclass(Interrupted, KeyboardInterrupt)
    assert not issubclass(Interrupted, Exception)


def test_interrupted_sweep_has_its_cases_and_the_next_step(user: User) -> None:
    (user.folder / "cases.csv").write_text("Macro.gamma\n0.1\n0.2\n")
    study, ended = user.client().study(21), list[CaseOutcome]()

    def count(case: CaseOutcome) -> None:
        ended.append(case)
        raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        study.sweep(user.folder / "cases.csv", DAMAGE, user.folder / "r.csv", on_case=count)
    assert len(caught.value.result) == len(ended) == 1
    assert (caught.value.study, "resume" in notes(caught.value)) == (21, True)
    assert str(caught.value) == caught.value.message
    assert study.get("Macro.gamma") == 0.3


def test_interrupted_copy_has_its_number(user: User) -> None:
    study = interrupting(user, "/parameters", 1)
    with pytest.raises(Interrupted) as caught:
        study.copy("again")
    assert caught.value.study in set(user.world.studies) - {21}
    assert str(caught.value.study) in str(caught.value)


def test_interrupted_run_says_that_it_is_not_stopped(user: User) -> None:
    study = user.client().study(21)
    with pytest.raises(KeyboardInterrupt) as caught:
        study.run(on_event=interrupt)
    assert "study.watch()" in notes(caught.value)


def test_interrupted_start_says_that_the_study_may_run(user: User) -> None:
    study = interrupting(user, "/execute/21")
    with pytest.raises(KeyboardInterrupt) as caught:
        study.start()
    assert "study.status()" in notes(caught.value)


def test_interrupt_while_values_are_restored_names_the_undo(user: User) -> None:
    study = interrupting(user, "/study-case/21/parameters", 2)
    with pytest.raises(Interrupted) as caught:
        study.evaluate({"Macro.gamma": 0.5}, DAMAGE)
    assert "param undo 21" in notes(caught.value)


def test_interrupt_in_a_loop_over_events_is_not_swallowed(user: User) -> None:
    """The loop runs within the call that yields the events."""
    user.types("calc", "run", "21", "--detach")
    study = interrupting(user, "/parameters", 1)

    def copy_at_each_event() -> None:
        for event in study.events():
            try:
                study.copy(f"at-{event.name}")
            except SostradesError:  # as in a program that goes on after errors
                pytest.fail("swallowed")

    with pytest.raises(Interrupted):
        copy_at_each_event()


def test_interrupt_can_be_pickled() -> None:
    """A pool of processes sends it to the parent."""
    error = SostradesError("stopped", hint="go on", study=21)
    error.add_note("try: go on")
    again = pickle.loads(pickle.dumps(Interrupted.of(error)))  # noqa: S301 - our own bytes
    assert (str(again), again.hint, again.study, notes(again)) == ("stopped", "go on", 21, "try: go on")


def test_notebook_shows_the_message_and_the_next_step() -> None:
    error = SostradesError("stopped")
    error.add_note("try: go on")
    assert Interrupted.of(error)._render_traceback_() == ["Interrupted: stopped", "try: go on"]
