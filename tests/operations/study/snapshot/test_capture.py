"""Inputs that a load does not show, such as those that cannot be edited in the web page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import User

LOCKED = "Macro.locked"


@pytest.fixture
def finished(user: User) -> User:
    """Return a user whose study 21 has a finished run, so that read-only mode shows all its inputs."""
    assert user.types("calc", "run", "21").code == 0
    return user


def test_export_names_inputs_that_a_load_does_not_show(finished: User) -> None:
    done = finished.types("study", "export", "21", str(finished.folder / "dice"))
    assert (done.code, LOCKED in done.err) == (0, True)
    assert f'"{LOCKED}"' not in (finished.folder / "dice" / "parameters.toml").read_text()


def test_diff_names_inputs_that_a_load_does_not_show(finished: User) -> None:
    folder = finished.folder / "dice"
    finished.types("study", "export", "21", str(folder))
    done = finished.types("study", "diff", "21", str(folder), "--exit-code")
    assert (done.code, LOCKED in done.err) == (0, True)
    assert LOCKED in finished.types("study", "diff", str(folder), "21").err


def test_apply_names_inputs_that_a_load_does_not_show(finished: User) -> None:
    folder = finished.folder / "dice"
    finished.types("study", "export", "21", str(folder))
    file = folder / "parameters.toml"
    file.write_text(file.read_text().replace('"Macro.gamma" = 0.3 ', '"Macro.gamma" = 0.4 '))
    done = finished.types("study", "apply", str(folder), "21", "--yes")
    assert (done.code, done.err.count(LOCKED)) == (0, 1)


def test_library_names_inputs_that_a_load_does_not_show(finished: User) -> None:
    client = finished.client()
    study = client.study(21)
    folder = study.export(finished.folder / "dice")
    assert any(LOCKED in note for note in finished.noted)
    assert LOCKED in client.diff(study, folder).attrs["note"]


def test_diff_of_folders_names_no_omitted_inputs(finished: User) -> None:
    folder = finished.folder / "dice"
    finished.types("study", "export", "21", str(folder))
    assert LOCKED not in finished.types("study", "diff", str(folder), str(folder)).err


@pytest.mark.slow
def test_study_without_hidden_inputs_has_no_note(user: User) -> None:
    assert "load" not in user.types("study", "export", "23", str(user.folder / "big")).err
