"""Test changes during and after sweeps, and changes without a readable old value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import HOST, StubTransport

from sostrades_cli.local.journal import Journal, RecordedValue

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
GAMMA = "dice.Macro.gamma"


class MeddlingServer(httpx.BaseTransport):
    """A stub where somebody else changes gamma just before a run."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._stub = StubTransport(user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        if "/calculation/execute/" in request.url.path:
            self._user.world.studies[21].values["Macro.gamma"] = 0.95
        return self._stub.handle_request(request)


def gamma(user: User) -> object:
    """Return the value on the server."""
    study = user.world.studies[21]
    study.settle()
    return study.values["Macro.gamma"]


def sweep(user: User, results: Path, *words: str) -> Outcome:
    """Sweep one case, gamma at 0.1."""
    (user.folder / "cases.csv").write_text("Macro.gamma\n0.1\n")
    cases = str(user.folder / "cases.csv")
    return user.types("calc", "sweep", "21", cases, "--collect", "Damage.total_damage", "-o", str(results), *words)


def interrupt_sweep(user: User) -> None:
    """Add an interrupted sweep of gamma to the journal."""
    kept = Journal(user.folder / "state", HOST, 21)
    kept.begin("sweep", [RecordedValue(GAMMA, "float", "-", 0.3, any_new=True)], [], "2026-11-22T22:40:48Z")
    user.world.studies[21].values["Macro.gamma"] = 0.1


def test_outputs_of_changed_values_are_not_collected(user: User) -> None:
    user.transport = MeddlingServer(user)
    done = sweep(user, user.folder / "r.csv")
    assert (done.code, (user.folder / "r.csv").exists(), gamma(user)) == (8, False, 0.3)
    assert (done.kind, "dice.Macro.gamma" in done.err) == ("refused", True)


@pytest.mark.parametrize("words", [("param", "set", "21", "Macro.periods=5"), ("param", "reset", "21", "Macro.gamma")])
def test_study_with_values_of_a_sweep_is_not_changed(user: User, words: tuple[str, ...]) -> None:
    """The error has the undo command. `--force` changes it."""
    interrupt_sweep(user)
    refused = user.types(*words)
    assert (refused.code, SENT in user.requests) == (8, False)
    assert "sostrades param undo 21 --to 1" in refused.err
    assert user.types(*words, "--force").code == 0


def test_undo_restores_the_values_of_an_interrupted_sweep(user: User) -> None:
    interrupt_sweep(user)
    assert (user.types("param", "undo", "21", "--to", "1").code, gamma(user)) == (0, 0.3)
    assert user.types("param", "set", "21", "Macro.gamma=0.4").code == 0


def test_unwritable_results_start_no_sweep(user: User) -> None:
    blocked = user.folder / "file"
    blocked.write_text("x")
    done = sweep(user, blocked / "r.csv")
    assert (done.code, SENT in user.requests) == (2, False)
    assert json.loads(user.types("param", "history", "21", "-F", "json").out) == []


def test_unreadable_old_value_does_not_block_older_changes(user53: User) -> None:
    """Undo refuses, and `--force` reverts the rest."""
    user53.types("param", "set", "21", "Macro.gamma=0.5")
    user53.types("param", "reset", "21", "Macro.matrix")
    user53.world.requests.clear()
    refused = user53.types("param", "undo", "21")
    assert (refused.code, SENT in user53.requests, "Macro.matrix" in refused.err) == (8, False, True)
    assert (user53.types("param", "undo", "21", "--to", "1", "--force").code, gamma(user53)) == (0, 0.3)


@pytest.mark.parametrize("words", [("study", "apply", "{}", "21"), ("study", "diff", "21", "{}")])
def test_renamed_table_is_rejected(user: User, words: tuple[str, ...]) -> None:
    """The hint has the expected name."""
    folder = user.folder / "dice"
    user.types("study", "export", "21", str(folder))
    (folder / "data" / "Macro.population.csv").rename(folder / "data" / "Macro.Population.csv")
    done = user.types(*(word.format(folder) for word in words))
    assert (done.code, "Macro.population.csv" in str(done.error and done.error.hint)) == (2, True)


def test_row_with_too_many_cells_is_a_difference(user: User) -> None:
    """Apply rejects it with its line."""
    folder = user.folder / "dice"
    user.types("study", "export", "21", str(folder))
    table = folder / "data" / "Macro.population.csv"
    table.write_text(table.read_text().replace("2021,7870.5", "2021,7870.5,9"))
    assert user.types("study", "diff", "21", str(folder), "--exit-code").code == 9
    refused = user.types("study", "apply", str(folder), "21")
    assert (refused.code, "line 3" in refused.err, SENT in user.requests) == (2, True, False)
