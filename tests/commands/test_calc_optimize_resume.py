"""Test interrupted and killed searches: `--resume` continues with the trials of an uninterrupted search."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from broken_network import UPDATE, BreakingNetwork, DownServer, KilledError
from conftest import make_user, slow

from sostrades_cli.errors import Termination

if TYPE_CHECKING:
    from conftest import Outcome, User

EXECUTE = "POST /api/v0/calculation/execute/21"
SENT = "POST /api/v0/study-case/21/parameters"
SPACE = '"Macro.gamma" = {range = [0.1, 0.5]}\n"Macro.periods" = {range = [2, 5]}\n"Macro.use_damage" = {}\n'
DAMAGE = "Damage.total_damage"
OWN = (0.3, 11, True)
TRIALS = 13  # more than the ten random ones with which the sampler begins
START, LOOK, DOWNLOAD = "/execute/21", "/status/21", "/parameter/download"


def optimize(user: User, *words: str, space: str = SPACE, trials: int = TRIALS, key: str = DAMAGE) -> Outcome:
    """Search a space of study 21."""
    (user.folder / "space.toml").write_text(space, encoding="utf-8")
    files = (str(user.folder / "space.toml"), "-o", str(user.folder / "best.toml"))
    return user.types("calc", "optimize", "21", *files, "--minimize", key, "--trials", str(trials), *words)


def broken(
    user: User, error: type[BaseException], path: str, number: int, *words: str, trials: int = TRIALS
) -> Outcome:
    """Search until an error ends it."""
    user.transport = BreakingNetwork(user, error, path, number, after=True)
    try:
        return optimize(user, *words, trials=trials)
    finally:
        user.transport = None


def killed(user: User, path: str, number: int, *words: str) -> None:
    """Search until the process is killed."""
    with pytest.raises(KilledError):
        broken(user, KilledError, path, number, *words)
    user.world.clock.sleep(60)


def results(user: User) -> dict[str, str]:
    """Return the best values and the table of trials."""
    files = (user.folder / "best.toml", user.folder / "best.d" / "trials.csv")
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def stored(user: User) -> tuple[Any, ...]:
    """Return the values of the space on the server after all changes have arrived."""
    user.world.clock.sleep(1.0)
    result = user.world.studies[21]
    result.settle()
    return tuple(result.values[f"Macro.{name}"] for name in ("gamma", "periods", "use_damage"))


def journaled(user: User) -> list[tuple[str, str]]:
    """Return command and outcome of each journal entry."""
    return [(entry["command"], entry["outcome"]) for entry in user.prints("param", "history", "21")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the results of an uninterrupted search."""
    user = make_user(tmp_path_factory.mktemp("whole"))
    assert optimize(user, "--seed", "1").code == 0
    return results(user)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "number"),
    [(START, 3), (UPDATE, 3), (LOOK, 40), (START, 12), (DOWNLOAD, 8), (UPDATE, 1)],
)
def test_killed_search_continues_with_the_same_trials(
    user: User, path: str, number: int, whole: dict[str, str]
) -> None:
    killed(user, path, number, "--seed", "1")
    assert journaled(user) == [("optimize", "begun")]
    done = optimize(user, "--resume")
    assert done.code == 0, done.err
    assert (results(user), stored(user), journaled(user)) == (whole, OWN, [("optimize", "restored")])


@pytest.mark.slow
def test_search_killed_several_times_continues_with_the_same_trials(user: User, whole: dict[str, str]) -> None:
    killed(user, START, 1, "--seed", "1")
    for path, number in ((START, 2), (UPDATE, 4), (START, 1)):
        killed(user, path, number, "--resume")
    assert optimize(user, "--resume").code == 0
    assert (results(user), stored(user)) == (whole, OWN)


def test_interrupted_search_can_be_resumed(user: User) -> None:
    """The original values are restored at once, and no trial that ended runs again.

    The results are those of an uninterrupted search.
    """
    done = broken(user, KeyboardInterrupt, START, 2, "--seed", "1", trials=2)
    assert (done.code, stored(user), journaled(user)) == (130, OWN, [("optimize", "restored")])
    assert done.error is not None
    assert ("1 of 2" in done.error.message, "--resume" in str(done.error.hint)) == (True, True)
    assert not (user.folder / "best.toml").exists()
    trials = user.folder / "best.d" / "trials.csv"
    assert (str(trials) in str(done.error.detail), len(trials.read_text().splitlines())) == (True, 2)
    user.world.clock.sleep(60)
    user.world.requests.clear()
    assert optimize(user, "--resume", trials=2).code == 0
    assert user.requests.count(EXECUTE) == 1
    resumed = results(user)
    assert optimize(user, "--overwrite", "--seed", "1", trials=2).code == 0
    assert results(user) == resumed


@pytest.mark.slow
def test_trial_that_only_the_log_has_is_not_run_again(user: User) -> None:
    """Its result is in the log, which is written first."""
    optimize(user, trials=2)
    file = user.folder / "best.d" / "optuna.db"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE trials SET state = 'RUNNING', datetime_complete = NULL WHERE number = 1")
        connection.execute("DELETE FROM trial_values WHERE trial_id = 2")
    connection.close()
    user.world.requests.clear()
    done = optimize(user, "--resume", "--overwrite", trials=3)
    assert (done.code, user.requests.count(EXECUTE)) == (0, 1), done.err
    with sqlite3.connect(file) as connection:
        states = connection.execute("SELECT state FROM trials ORDER BY number").fetchall()
    connection.close()
    assert states == [("COMPLETE",)] * 3


@pytest.mark.slow
def test_failed_trials_are_not_run_again(user: User) -> None:
    space = '"Macro.gamma" = {choices = [0.2, 1e300]}\n'
    optimize(user, "--seed", "1", space=space, trials=4)
    first = results(user)["trials.csv"]
    user.world.requests.clear()
    assert optimize(user, "--resume", "--overwrite", space=space, trials=6).code == 0
    assert (user.requests.count(EXECUTE), results(user)["trials.csv"].startswith(first)) == (2, True)


def test_complete_search_is_not_run_again(user: User) -> None:
    """It keeps the file of the best values, including edits, and prints them again."""
    first = optimize(user, "-F", "json", trials=1)
    file = user.folder / "best.toml"
    file.write_text("# mine\n")
    user.world.requests.clear()
    again = optimize(user, "--resume", "-F", "json", trials=1)
    assert (again.code, json.loads(again.out), file.read_text()) == (0, json.loads(first.out), "# mine\n")
    assert (SENT in user.requests, EXECUTE in user.requests) == (False, False)


@pytest.mark.slow
def test_more_trials_extend_a_search(user: User, whole: dict[str, str]) -> None:
    """They are those of a search that had all trials from the start."""
    optimize(user, "--seed", "1", trials=5)
    refused = optimize(user, "--resume")
    assert (refused.code, refused.kind) == (2, "file_conflict")
    assert optimize(user, "--resume", "--overwrite").code == 0
    assert results(user) == whole


@pytest.mark.parametrize(
    "change",
    [
        {"space": SPACE.replace("0.5", "0.6")},
        slow({"space": SPACE.replace("{range = [2, 5]}", "{choices = [2, 5]}")}),
        slow({"key": "Macro.savings_rate"}),
    ],
)
def test_another_search_is_not_resumed(user: User, change: dict[str, str]) -> None:
    """Neither with another constraint or direction. Nothing was sent."""
    optimize(user, trials=1)
    user.world.requests.clear()
    for more, other in (((), change), (("--constraint", "total_damage <= 3"), {})):
        done = optimize(user, "--resume", *more, trials=2, **other)
        assert (done.code, done.kind, SENT in user.requests) == (2, "usage", False)
        assert "--overwrite" in str(done.error and done.error.hint)


@pytest.mark.slow
def test_search_beside_another_is_refused(user: User) -> None:
    optimize(user, trials=1)
    (user.folder / "best.toml").unlink()
    done = optimize(user, trials=1)
    assert (done.code, done.kind) == (2, "file_conflict")
    assert optimize(user, "--overwrite", trials=1).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("content", [None, b"", b"not a database, but text of some length" * 100])
def test_damaged_storage_is_an_error(user: User, content: bytes | None) -> None:
    optimize(user, trials=1)
    file = user.folder / "best.d" / "optuna.db"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    done = optimize(user, "--resume", "--overwrite", trials=2)
    assert (done.code, done.kind, stored(user)) == (2, "invalid_file", OWN)


@pytest.mark.slow
def test_sweep_cannot_be_resumed_as_a_search_and_vice_versa(user: User) -> None:
    optimize(user, trials=1)
    (user.folder / "cases.csv").write_text("Macro.gamma\n0.1\n")
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "best.csv"))
    done = user.types("calc", "sweep", "21", *files, "--collect", DAMAGE, "--resume")
    assert (done.code, done.kind) == (2, "file_conflict")


@pytest.mark.slow
def test_killed_search_is_not_resumed_on_another_computer(user: User) -> None:
    """The values of a trial would become the original ones."""
    killed(user, START, 1)
    values = stored(user)
    folders = {f"SOSTRADES_{name}_DIR": str(user.folder / f"other_{name.lower()}") for name in ("CACHE", "STATE")}
    user.environ.update(folders)
    user.world.requests.clear()
    done = optimize(user, "--resume")
    assert (done.code, done.kind, SENT in user.requests, stored(user)) == (8, "refused", False, values), done.err


@pytest.mark.parametrize(("signal", "code"), [(KeyboardInterrupt, 130), (Termination, 143)])
def test_signal_while_the_server_is_down_names_the_trials_and_a_remedy(
    user: User, signal: type[BaseException], code: int
) -> None:
    class StoppedServer(DownServer):
        """A server whose outage the user does not wait for."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            was_up = self.until is None
            try:
                return super().handle_request(request)
            except httpx.ConnectError:
                if was_up:
                    raise signal from None
                raise

    user.transport = StoppedServer(user, LOOK, 30, seconds=9999)
    done = optimize(user)
    user.transport = None
    assert done.error is not None
    assert (done.code, f"of {TRIALS} trials" in done.err) == (code, True)
    assert "param undo 21 --to 1" in str(done.error.hint)
    assert "--resume" in str(done.error.hint)
    assert user.types("param", "undo", "21", "--to", "1").code == 0
    assert stored(user) == OWN
