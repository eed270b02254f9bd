"""Test interrupted and killed sweeps: original values are restored, and `--resume` completes the results."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from broken_network import UPDATE, BreakingNetwork, KilledError
from conftest import QUICK_SERVERS, SERVERS, make_user, mostly_slow, slow

from server_stub.world import Right
from server_stub.worlds import dice
from server_stub.worlds.dice import DICE
from sostrades_cli.errors import Hangup, Termination

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

    from server_stub.worlds.dice import Value, Values

EXECUTE = "POST /api/v0/calculation/execute/21"
SENT = "POST /api/v0/study-case/21/parameters"
CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nmid,0.2,no\nhigh,0.5,yes\n"
OWN = (0.3, True)
DOWNLOAD, START, LOOK = "/parameter/download", "/execute/21", "/status/21"
# In the middle of the second case, in the order in which a sweep asks: path, which of them, before or after it.
MOMENTS = [(UPDATE, 2, False), (UPDATE, 2, True), (START, 2, False), (START, 2, True), (LOOK, 15, True)]
SOME_MOMENTS = mostly_slow([(moment,) for moment in MOMENTS], 4)


@pytest.fixture(params=QUICK_SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


def sweep(user: User, *words: str, cases: str = CASES, into: str = "results.csv", study: int = 21) -> Outcome:
    """Sweep a study."""
    (user.folder / "cases.csv").write_text(cases)
    results = ("-o", str(user.folder / into), "--collect", "Damage.damages", "--collect", "Damage.total_damage")
    # A fixed interval, because MOMENTS counts requests.
    every = ("--interval", "1s")
    return user.types("calc", "sweep", str(study), str(user.folder / "cases.csv"), *results, *every, *words)


def sweep_broken(
    user: User, error: type[BaseException], moment: tuple[str, int, bool] = MOMENTS[-1], **more: Any
) -> Outcome:
    """Sweep until an error ends it."""
    twice = more.pop("twice", False)
    user.transport = BreakingNetwork(user, error, *moment, twice=twice)
    try:
        return sweep(user, *more.pop("words", ()), **more)
    finally:
        user.transport = None


def sweep_killed(user: User, moment: tuple[str, int, bool] = MOMENTS[-1], **more: Any) -> None:
    """Sweep until the process is killed."""
    with pytest.raises(KilledError):
        sweep_broken(user, KilledError, moment, **more)


def stored_values(user: User, study: int = 21) -> tuple[Any, Any]:
    """Return the swept values on the server after all changes have arrived."""
    user.world.clock.sleep(1.0)
    result = user.world.studies[study]
    result.settle()
    return result.values["Macro.gamma"], result.values["Macro.use_damage"]


def journaled(user: User, study: int = 21) -> list[tuple[str, str]]:
    """Return command and outcome of each journal entry."""
    result = json.loads(user.types("param", "history", str(study), "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in result]


def states(user: User) -> dict[str, str]:
    """Return the last state of each case in the log."""
    lines = (user.folder / "results.d" / "sweep.jsonl").read_text().splitlines()
    return {item["case"]: item["state"] for item in map(json.loads, lines) if "case" in item}


def files(user: User) -> dict[str, bytes]:
    """Return the results and their tables."""
    result = [user.folder / "results.csv", *(user.folder / "results.d").rglob("*.csv")]
    return {str(path.relative_to(user.folder)): path.read_bytes() for path in result}


@pytest.fixture(scope="module")
def complete_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of an uninterrupted sweep."""
    user = make_user(tmp_path_factory.mktemp("whole"))
    assert sweep(user).code == 0
    return files(user)


# Ctrl-C, SIGTERM and SIGHUP ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), slow(Termination, 143), slow(Hangup, 129)])
@pytest.mark.parametrize("moment", SOME_MOMENTS)
def test_interrupt_restores_the_original_values_at_once(
    anyone: User, error: type[BaseException], code: int, moment: tuple[str, int, bool]
) -> None:
    """No further case runs, and there are no results."""
    done = sweep_broken(anyone, error, moment)
    assert (done.code, stored_values(anyone), journaled(anyone)) == (code, OWN, [("sweep", "restored")])
    assert states(anyone) == {"low": "FINISHED", "mid": "ABANDONED"}
    assert not (anyone.folder / "results.csv").exists()
    assert done.error is not None
    assert ("1 of 3" in done.error.message, "--resume" in str(done.error.hint)) == (True, True)
    assert "Traceback" not in done.err


def test_interrupt_leaves_a_table_of_the_cases_that_ended(anyone: User, complete_files: dict[str, bytes]) -> None:
    """Its first rows are those of the results. Once the sweep is complete, it is removed."""
    done = sweep_broken(anyone, KeyboardInterrupt)
    table = anyone.folder / "results.d" / "ended.csv"
    assert str(table) in " ".join(str(done.error and done.error.detail).split())
    assert table.read_bytes().splitlines() == complete_files["results.csv"].splitlines()[:2]
    assert sweep(anyone, "--resume").code == 0
    assert not table.exists()


@pytest.mark.parametrize("anyone", SERVERS, indirect=True)
def test_interrupted_sweep_can_be_resumed(anyone: User, complete_files: dict[str, bytes]) -> None:
    """The results are those of an uninterrupted sweep."""
    sweep_broken(anyone, KeyboardInterrupt)
    anyone.world.requests.clear()
    done = sweep(anyone, "--resume")
    assert (done.code, anyone.requests.count(EXECUTE), files(anyone)) == (0, 2, complete_files)
    assert (stored_values(anyone), {outcome for _, outcome in journaled(anyone)}) == (OWN, {"restored"})


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), slow(Termination, 143), slow(Hangup, 129)])
def test_second_interrupt_names_the_undo_command(anyone: User, error: type[BaseException], code: int) -> None:
    """The journal has the original values."""
    done = sweep_broken(anyone, error, twice=True)
    assert (done.code, journaled(anyone)) == (code, [("sweep", "begun")])
    assert (stored_values(anyone), "sostrades param undo 21 --to 1" in done.err) == ((0.2, False), True)
    anyone.world.clock.sleep(60)
    assert anyone.types("param", "undo", "21", "--to", "1").code == 0
    assert stored_values(anyone) == OWN


def test_named_undo_command_works_during_the_run(anyone: User) -> None:
    done = sweep_broken(anyone, KeyboardInterrupt, twice=True)
    [command] = re.findall(r"sostrades (param undo 21 --to \d+)", done.err)
    undone = anyone.types(*command.split())
    assert (undone.code, stored_values(anyone)) == (0, OWN)


def test_interrupted_restore_can_be_resumed(user: User, complete_files: dict[str, bytes]) -> None:
    """No case runs again."""
    done = sweep_broken(user, KeyboardInterrupt, (UPDATE, 4, False))
    assert (done.code, "sostrades param undo 21 --to 1" in done.err) == (130, True)
    user.world.requests.clear()
    assert sweep(user, "--resume").code == 0
    assert (user.requests.count(EXECUTE), stored_values(user), files(user)) == (0, OWN, complete_files)


def test_interrupt_before_the_first_change_leaves_nothing(user: User) -> None:
    assert sweep_broken(user, KeyboardInterrupt, (DOWNLOAD, 1, True)).code == 130
    assert (journaled(user), SENT in user.requests) == ([], False)
    assert sweep(user).code == 0


# A process that is killed ---------------------------------------------------------------------------


@pytest.mark.parametrize("moment", SOME_MOMENTS)
def test_killed_sweep_can_be_resumed(
    anyone: User, moment: tuple[str, int, bool], complete_files: dict[str, bytes]
) -> None:
    """The results are those of an uninterrupted sweep."""
    sweep_killed(anyone, moment)
    assert journaled(anyone) == [("sweep", "begun")]
    done = sweep(anyone, "--resume")
    assert (done.code, stored_values(anyone), files(anyone)) == (0, OWN, complete_files)
    assert journaled(anyone) == [("sweep", "restored")]


def test_resumed_sweep_does_not_wait_for_ever_for_a_run_that_died_with_the_server(user: User) -> None:
    """Such a run is RUNNING for ever."""
    sweep_killed(user)
    user.world.restart()
    done = sweep(user, "--resume", "--timeout", "1h")
    assert done.error is not None
    assert (done.code, "sostrades study open 21" in str(done.error.hint)) == (124, True)
    assert "may be dead" in done.err.partition("error:")[0]


@pytest.mark.slow
def test_sweep_killed_several_times_can_be_resumed(user: User, complete_files: dict[str, bytes]) -> None:
    sweep_killed(user, (START, 1, True))
    for _ in range(2):
        user.world.clock.sleep(60)
        sweep_killed(user, (START, 2, True), words=("--resume",))
    user.world.clock.sleep(60)
    assert sweep(user, "--resume").code == 0
    assert (stored_values(user), files(user), journaled(user)) == (OWN, complete_files, [("sweep", "restored")])


def test_resume_waits_for_an_active_run(user: User) -> None:
    sweep_killed(user)
    run = user.world.studies[21].run
    done = sweep(user, "--resume")
    assert run is not None
    assert (run.lost, run.succeeds) == (False, True)
    assert "study 21" in done.err.splitlines()[0].lower()


def test_undo_restores_the_values_of_a_killed_sweep(anyone: User) -> None:
    sweep_killed(anyone)
    assert stored_values(anyone) == (0.2, False)
    anyone.world.clock.sleep(60)
    assert anyone.types("param", "undo", "21").code == 0
    assert (stored_values(anyone), journaled(anyone)) == (OWN, [("sweep", "begun"), ("undo", "done")])


def test_killed_sweep_can_be_resumed_after_undo(user: User, complete_files: dict[str, bytes]) -> None:
    sweep_killed(user)
    user.world.clock.sleep(60)
    user.types("param", "undo", "21")
    assert sweep(user, "--resume").code == 0
    assert (stored_values(user), files(user)) == (OWN, complete_files)
    assert journaled(user)[-1] == ("sweep", "restored")


@pytest.mark.slow
def test_truncated_last_line_is_ignored(user: User, complete_files: dict[str, bytes]) -> None:
    """This also works if the next sweep is killed."""
    for count in (2, 2):
        sweep_killed(user, (START, count, False), words=("--resume",) if (user.folder / "results.d").exists() else ())
        record = user.folder / "results.d" / "sweep.jsonl"
        record.write_bytes(record.read_bytes()[:-30])
    done = sweep(user, "--resume")
    assert done.code == 0, done.err
    assert (stored_values(user), files(user)) == (OWN, complete_files)


# Another computer ---------------------------------------------------------------------------------------


def move(user: User) -> User:
    """Return the user at another computer, with the files of the sweep only."""
    folders = {f"SOSTRADES_{name}_DIR": str(user.folder / f"other_{name.lower()}") for name in ("CACHE", "STATE")}
    return replace(user, environ={**user.environ, **folders})


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        *(slow(moment, ()) for moment in [*MOMENTS[:-1], (START, 1, True)]),
        (MOMENTS[-1], ()),
        ((UPDATE, 4, False), ()),
        (MOMENTS[-1], ("--dry-run",)),
    ],
)
def test_killed_sweep_is_not_resumed_on_another_computer(
    user: User, moment: tuple[str, int, bool], words: tuple[str, ...]
) -> None:
    """The values of a case would become the original ones."""
    sweep_killed(user, moment)
    user.world.clock.sleep(60)
    values, log = stored_values(user), (user.folder / "results.d" / "sweep.jsonl").read_bytes()
    # Entries of other commands have the same numbers.
    other = move(user)
    other.types("param", "set", "21", "Macro.periods=11", "--force")
    other.types("param", "set", "21", "Macro.note=moved")
    other.types("param", "undo", "21")
    other.world.requests.clear()
    done = sweep(other, "--resume", *words)
    assert (done.code, done.kind, SENT in other.requests) == (8, "refused", False), done.err
    assert "--resume" in str(done.error and done.error.hint)
    assert (stored_values(user), (user.folder / "results.d" / "sweep.jsonl").read_bytes()) == (values, log)


@pytest.mark.parametrize("words", [(), slow(("--dry-run",))])
def test_killed_sweep_is_not_resumed_on_copies_from_another_computer(user: User, words: tuple[str, ...]) -> None:
    """The copies would have the values of a case."""
    sweep_killed(user)
    user.world.clock.sleep(60)
    other, studies = move(user), set(user.world.studies)
    done = sweep(other, "--resume", "--on-copies", "1", *words)
    assert (done.code, done.kind, set(user.world.studies)) == (8, "refused", studies), done.err
    assert other.types("study", "copy", "21", "copied").code == 0
    [copy] = set(user.world.studies) - studies
    other.world.requests.clear()
    done = sweep(other, "--resume", "--studies", str(copy), *words)
    assert (done.code, done.kind, f"/execute/{copy}" in " ".join(other.requests)) == (8, "refused", False), done.err


@pytest.mark.parametrize("is_killed", mostly_slow([False, True], 2))
def test_restored_sweep_can_be_resumed_on_another_computer(
    user: User, is_killed: bool, complete_files: dict[str, bytes]
) -> None:
    """The present values are the original ones."""
    if is_killed:
        sweep_killed(user)
        user.world.clock.sleep(60)
        assert user.types("param", "undo", "21").code == 0
    else:
        sweep_broken(user, KeyboardInterrupt)
    done = sweep(move(user), "--resume")
    assert done.code == 0, done.err
    assert (stored_values(user), files(user)) == (OWN, complete_files)


def test_log_without_original_values_is_not_resumed_on_another_computer(user: User) -> None:
    sweep_broken(user, KeyboardInterrupt)
    log = user.folder / "results.d" / "sweep.jsonl"
    header, *steps = log.read_text().splitlines()
    fields = {name: value for name, value in json.loads(header).items() if name != "originals"}
    log.write_text("\n".join([json.dumps(fields), *steps]) + "\n")
    assert sweep(move(user), "--resume").kind == "refused"
    assert sweep(user, "--resume").code == 0


def test_new_sweep_replaces_that_of_another_computer(user: User) -> None:
    """A dry run accepts it, too."""
    sweep_broken(user, KeyboardInterrupt)
    other = move(user)
    assert sweep(other, "--overwrite", "--dry-run").code == 0
    assert (sweep(other, "--overwrite").code, stored_values(user)) == (0, OWN)


# What can be resumed --------------------------------------------------------------------------------


def test_failed_cases_are_not_run_again(user: User) -> None:
    """They are in the results with their cause: exit 3."""
    cases = CASES.replace("0.1", "1e300")
    sweep_broken(user, KeyboardInterrupt, (START, 2, True), cases=cases)
    user.world.requests.clear()
    assert sweep(user, "--resume", cases=cases).code == 3
    assert (user.requests.count(EXECUTE), list(states(user).values())) == (2, ["FAILED", "FINISHED", "FINISHED"])
    assert b'FAILED,"OverflowError' in files(user)["results.csv"]


def test_complete_sweep_is_not_run_again(anyone: User) -> None:
    """It sends nothing and keeps the results, including edits: exit 0."""
    assert sweep(anyone).code == 0
    results = anyone.folder / "results.csv"
    results.write_text(results.read_text() + "my,own,notes\n")
    anyone.types("param", "set", "21", "Macro.periods=5")
    before, history = files(anyone), journaled(anyone)
    anyone.world.requests.clear()
    done = sweep(anyone, "--resume")
    assert (done.code, "results.csv" in done.err, "--overwrite" in done.err) == (0, True, True)
    assert (SENT in anyone.requests, EXECUTE in anyone.requests) == (False, False)
    assert (files(anyone), journaled(anyone)) == (before, history)


def test_complete_sweep_writes_missing_results_again(user: User) -> None:
    """A lost result file is written again from the log, also with another format, without a run."""
    cases = CASES.replace("low,0.1", "low,")
    sweep(user, cases=cases)
    complete_files, results = files(user), user.folder / "results.csv"
    results.unlink()
    user.types("param", "set", "21", "Macro.gamma=0.7")
    user.world.requests.clear()
    assert sweep(user, "--resume", cases=cases).code == 0
    assert (files(user), SENT in user.requests, EXECUTE in user.requests) == (complete_files, False, False)


def test_complete_sweep_with_failed_cases_still_fails(user: User) -> None:
    cases = CASES.replace("0.1", "1e300")
    assert sweep(user, cases=cases).code == 3
    done = sweep(user, "--resume", cases=cases)
    assert (done.code, done.kind, user.requests.count(EXECUTE)) == (3, "run_failed", 3)


@pytest.mark.parametrize("into", [slow("results.csv"), "results.json"])
def test_existing_file_is_not_replaced_by_a_resumed_sweep(user: User, into: str) -> None:
    """An interrupted sweep has no results yet, so an existing file is not its own."""
    sweep_broken(user, KeyboardInterrupt)
    (user.folder / into).write_text("precious")
    user.world.requests.clear()
    done = sweep(user, "--resume", into=into)
    assert (done.kind, SENT in user.requests, (user.folder / into).read_text()) == ("file_conflict", False, "precious")
    assert sweep(user, "--resume", "--overwrite", into=into).code == 0
    assert "FINISHED" in (user.folder / into).read_text()


@pytest.mark.slow
def test_changed_cases_are_not_a_complete_sweep(user: User) -> None:
    sweep(user)
    done = sweep(user, "--resume", cases=CASES.replace("0.1", "0.15"))
    assert (done.code, done.kind, "--overwrite" in str(done.error and done.error.hint)) == (2, "usage", True)


def test_study_without_a_run_can_be_resumed(user: User) -> None:
    """The outputs of its first case are not changed inputs."""
    rights = dict.fromkeys(user.world.users.values(), Right.OWNER)
    user.world.add_study(31, "fresh", DICE, rights)
    sweep_broken(user, KeyboardInterrupt, ("/execute/31", 3, True), study=31)
    done = sweep(user, "--resume", study=31)
    assert done.code == 0, done.err
    assert stored_values(user, 31) == OWN


@pytest.mark.slow
def test_resume_may_write_another_format(user: User) -> None:
    sweep_broken(user, KeyboardInterrupt)
    assert sweep(user, "--resume", into="results.json").code == 0
    assert [row["status"] for row in json.loads((user.folder / "results.json").read_text())] == ["FINISHED"] * 3


def test_failed_case_runs_again_on_request(user: User) -> None:
    """Its result replaces that of the first attempt, and no other case runs."""

    def overflow(values: Values) -> dict[str, Value]:
        if values["Macro.gamma"] == 0.2:
            raise OverflowError
        return dice.compute(values)

    study = user.world.studies[21]
    study.model = replace(DICE, compute=overflow)
    assert sweep(user).code == 3
    study.model = DICE
    user.world.requests.clear()
    refused = sweep(user, "--retry-failed")
    assert (refused.kind, EXECUTE in user.requests) == ("file_conflict", False)
    done = sweep(user, "--resume", "--retry-failed", "--overwrite")
    assert (done.code, user.requests.count(EXECUTE), stored_values(user)) == (0, 1, OWN), done.err
    assert set(states(user).values()) == {"FINISHED"}
    assert "FAILED" not in (user.folder / "results.csv").read_text()


def test_retry_of_a_complete_sweep_without_failures_runs_nothing(user: User) -> None:
    sweep(user)
    done = sweep(user, "--retry-failed")
    assert (done.code, user.requests.count(EXECUTE)) == (0, 3), done.err


def test_dry_run_counts_the_failed_cases_to_run_again(user: User) -> None:
    cases = CASES.replace("0.1", "1e300")
    sweep(user, cases=cases)
    done = sweep(user, "--retry-failed", "--overwrite", "--dry-run", "-F", "json", cases=cases)
    assert (done.code, json.loads(done.out)["runs"], user.requests.count(EXECUTE)) == (0, 1, 3)


@pytest.mark.parametrize(
    ("words", "cases", "changed"),
    [(("--collect", "Macro.gamma"), CASES, "--collect"), ((), CASES.replace("0.5", "0.6"), "the cases")],
)
def test_refused_resume_names_the_changed_inputs(user: User, words: tuple[str, ...], cases: str, changed: str) -> None:
    sweep_broken(user, KeyboardInterrupt)
    done = sweep(user, "--resume", *words, cases=cases)
    assert done.error is not None
    assert (done.code, done.error.message.rpartition(": ")[2]) == (2, changed)


@pytest.mark.parametrize("assignment", ["Macro.gamma=0.4", "Macro.periods=5"])
def test_hint_after_a_change_keeps_the_finished_cases(
    user: User, assignment: str, complete_files: dict[str, bytes]
) -> None:
    sweep_broken(user, KeyboardInterrupt)
    user.types("param", "set", "21", "Macro.shares.coal=0.5")
    user.types("param", "undo", "21")
    user.types("param", "set", "21", assignment)
    done = sweep(user, "--resume")
    [command] = re.findall(r"sostrades (param undo 21 --to \d+)", done.err)
    assert (done.code in {2, 8}, "Macro.shares" in done.err) == (True, False)
    assert user.types(*command.split()).code == 0
    user.world.requests.clear()
    assert sweep(user, "--resume").code == 0
    assert (user.requests.count(EXECUTE), files(user), stored_values(user)) == (2, complete_files, OWN)


def test_hint_after_further_cases_is_another_file(user: User) -> None:
    sweep_broken(user, KeyboardInterrupt)
    done = sweep(user, "--resume", cases=f"{CASES}more,0.4,\n")
    assert done.error is not None
    assert (done.code, "-o" in str(done.error.hint)) == (2, True)


def test_hint_after_a_forced_change_of_an_interrupted_sweep_keeps_the_finished_cases(
    user: User, complete_files: dict[str, bytes]
) -> None:
    sweep_killed(user)
    user.world.clock.sleep(60)
    assert user.types("param", "set", "21", "Macro.gamma=0.4", "--force").code == 0
    done = sweep(user, "--resume")
    [command] = re.findall(r"sostrades (param undo 21 --to \d+)", done.err)
    assert (done.code, user.types(*command.split()).code) == (8, 0)
    user.world.requests.clear()
    assert sweep(user, "--resume").code == 0
    assert (user.requests.count(EXECUTE), files(user), stored_values(user)) == (2, complete_files, OWN)
