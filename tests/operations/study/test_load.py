"""Test that a change is loaded before the next one, also by another command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fake_study import STUDY, FakeStudy

from sostrades_cli.operations.study.load import UNREAD_S, await_changes, load_live, note_change

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({"dice.Macro.gamma": 0.3})


def loads(study: FakeStudy, context: Context, number: int = STUDY) -> bool:
    """Return whether a command loads a study before it sends a change."""
    study.requests.clear()
    await_changes(context, number)
    return study.requests == ["load"]


def test_change_is_loaded_once_before_the_next_one(study: FakeStudy, tmp_path: Path) -> None:
    context = study.context(tmp_path)
    note_change(context, STUDY)
    study.clock.sleep(3600)
    assert not loads(study, context, 22)
    assert loads(study, context)
    assert not loads(study, context)


@pytest.mark.parametrize(("age_s", "is_loaded"), [(UNREAD_S - 1, True), (UNREAD_S, False)])
def test_recent_change_of_another_command_is_loaded(
    study: FakeStudy, tmp_path: Path, age_s: float, is_loaded: bool
) -> None:
    note_change(study.context(tmp_path), STUDY)
    study.clock.sleep(age_s)
    assert loads(study, study.context(tmp_path)) == is_loaded


def test_change_on_another_server_is_not_loaded(study: FakeStudy, tmp_path: Path) -> None:
    note_change(study.context(tmp_path), STUDY)
    context = study.context(tmp_path)
    context.api.session.host = "https://other.example"
    assert not loads(study, context)


@pytest.mark.parametrize("works", [True, False])
def test_load_of_another_command_counts(study: FakeStudy, tmp_path: Path, works: bool) -> None:
    """A server with a broken load route applies changes, too."""
    study.loads = works
    note_change(study.context(tmp_path), STUDY)
    await_changes(study.context(tmp_path), STUDY)
    assert not loads(study, study.context(tmp_path))


def test_damaged_mark_is_ignored(study: FakeStudy, tmp_path: Path) -> None:
    note_change(study.context(tmp_path), STUDY)
    [mark] = (tmp_path / "state" / "unread").iterdir()
    mark.write_bytes(b"yesterday")
    assert not loads(study, study.context(tmp_path))


def test_change_is_loaded_even_if_its_mark_cannot_be_written(study: FakeStudy, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "unread").write_text("a file in place of the folder")
    context = study.context(tmp_path)
    note_change(context, STUDY)
    assert loads(study, context)
    load_live(context, STUDY)
