"""Test that a dry run shows the plan and ends with the exit code of the change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

from sostrades_cli import RunActive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome, User

GAMMA = "dice.Macro.gamma"


def sent(user: User) -> list[str]:
    """Return the sent changes."""
    return [asked for asked in user.requests if asked.endswith("/parameters")]


def planned(done: Outcome) -> list[str]:
    """Return the keys of a plan in JSON."""
    return [row["key"] for row in json.loads(done.out)]


def test_mismatched_unit_is_reported(user: User) -> None:
    line = ("param", "set", "21", f"{GAMMA}=0.9", "--unit", "km")
    done = user.types(*line, "--dry-run", "-F", "json")
    refused = user.types(*line, "-F", "json")
    assert (done.code, refused.code) == (2, 2)
    assert done.err == refused.err
    assert planned(done) == [GAMMA]
    assert sent(user) == []


def test_force_accepts_any_unit_in_a_dry_run(user: User) -> None:
    assert user.types("param", "set", "21", f"{GAMMA}=0.9", "--unit", "km", "--dry-run", "--force").code == 0


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("command", ["set", slow("reset"), "undo", slow("apply")])
def test_active_run_is_reported(user_of: Callable[..., User], server: str, command: str) -> None:
    user = user_of(server)
    lines = {
        "set": ("param", "set", "21", f"{GAMMA}=0.9"),
        "reset": ("param", "reset", "21", GAMMA),
        "undo": ("param", "undo", "21"),
        "apply": ("study", "apply", str(exported(user)), "21", "--ours"),
    }
    user.types("param", "set", "21", f"{GAMMA}=0.5")
    user.types("calc", "run", "21", "--detach")
    before = sent(user)
    done = user.types(*lines[command], "--dry-run", "--exit-code", "-F", "json")
    refused = user.types(*lines[command], "-F", "json")
    assert (done.code, refused.code) == (8, 8)
    assert planned(done) == [GAMMA]
    assert user.types(*lines[command], "--dry-run", "--force").code == 0
    assert sent(user) == before


def exported(user: User) -> Path:
    """Export study 21, with another value of a parameter."""
    folder = user.folder / "dice"
    user.types("study", "export", "21", str(folder))
    text = (folder / "parameters.toml").read_text()
    (folder / "parameters.toml").write_text(text.replace('"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4'))
    return folder


def test_undo_of_a_value_changed_since_is_reported(user: User) -> None:
    user.types("param", "set", "21", f"{GAMMA}=0.9")
    user.world.studies[21].values["Macro.gamma"] = 0.7
    done = user.types("param", "undo", "21", "--dry-run", "-F", "json")
    assert (done.code, planned(done)) == (8, [GAMMA])
    assert user.types("param", "undo", "21").code == 8


def test_rejected_change_is_noted(user: User) -> None:
    line = ("param", "set", "21", f"{GAMMA}=0.9", "--dry-run", "--exit-code")
    accepted = user.types(*line)
    user.types("calc", "run", "21", "--detach")
    refused = user.types(*line)
    assert (accepted.code, refused.code) == (9, 8)
    assert ("rejected" in accepted.err, "rejected" in refused.err) == (False, True)


def test_every_refusal_is_reported(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("param", "set", "21", f"{GAMMA}=0.9", "--unit", "km", "--dry-run", "-F", "json")
    assert done.code == 8
    assert "km" in json.loads(done.err)["detail"]


def test_dry_run_in_python_raises_with_the_plan(user: User) -> None:
    study = user.client().study(21)
    study.start()
    with pytest.raises(RunActive) as caught:
        study.set({GAMMA: 0.9}, dry_run=True)
    assert caught.value.result["key"].tolist() == [GAMMA]
