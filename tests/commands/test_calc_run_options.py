"""Test the options of `sostrades calc run`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import HOST, SERVERS

from server_stub.faults import Fault
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.study_locks import sweep_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli.operations.context import Context

EXECUTE = "POST /api/v0/calculation/execute/21"
HOLDER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from sostrades_cli.operations.study_locks import start_lock
session = SimpleNamespace(host=sys.argv[2])
with start_lock(SimpleNamespace(state=Path(sys.argv[1]), api=SimpleNamespace(session=session)), 21):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_attach_watches_an_active_run(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "run", "21", "--attach")
    assert done.code == 0
    assert user.requests.count(EXECUTE) == 1
    assert done.out.splitlines()[-1].split("  ")[2] == "FINISHED"


def test_attach_starts_a_run_if_none_is_active(user: User) -> None:
    assert user.types("calc", "run", "21", "--attach").code == 0
    assert user.requests.count(EXECUTE) == 1


@pytest.mark.parametrize("options", [("--attach",), ()])
def test_run_of_a_case_is_not_attached_to(
    user: User, server_of: Callable[[User], Context], options: tuple[str, ...]
) -> None:
    user.types("calc", "run", "21", "--detach")
    with sweep_lock(server_of(user), [21], CaseCommand.SWEEP):
        done = user.types("calc", "run", "21", *options)
    assert (done.code, done.kind) == (8, "refused")
    assert user.requests.count(EXECUTE) == 1


def test_attach_does_not_change_an_active_run(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "run", "21", "--attach", "--set", "Macro.gamma=0.9")
    assert done.code == 8
    assert user.types("calc", "watch", "21").code == 0


@pytest.mark.parametrize("server", SERVERS)
def test_set_is_verified_before_the_start(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    before = user.types("param", "get", "21", "dice.Damage.total_damage").out
    user.world.requests.clear()
    done = user.types("calc", "run", "21", "--set", "dice.Damage.theta=0.5", "--set", "Macro.gamma=0.9")
    assert done.code == 0
    sent = [line.split()[0] + line.rpartition("/")[2] for line in user.requests]
    start = user.requests.index(EXECUTE)
    assert any(line.startswith(("POST", "PUT")) and "parameter" in line for line in user.requests[:start]), sent
    assert not any("parameter" in line and line.startswith("POST") for line in user.requests[start:])
    assert "set and verified" in done.err
    assert user.types("param", "get", "21", "Macro.gamma").out == "0.9\n"
    assert user.types("param", "get", "21", "dice.Damage.total_damage").out != before


@pytest.mark.parametrize(
    ("wrong", "code"), [("Macro.gamma=much", 2), ("Macro.gamma", 2), ("No.such=1", 5), ("Macro.scenario=@none.csv", 2)]
)
def test_invalid_value_prevents_the_start(user: User, wrong: str, code: int) -> None:
    done = user.types("calc", "run", "21", "--set", "Macro.savings_rate=0.1", "--set", wrong)
    assert (done.code, done.out) == (code, "")
    assert EXECUTE not in user.requests
    assert user.types("param", "get", "21", "Macro.savings_rate").out == "0.25\n"


def test_unverified_value_prevents_the_start(user: User) -> None:
    user.world.faults.arm(Fault("drop_update", count=99, method="POST"))
    done = user.types("calc", "run", "21", "--set", "Macro.gamma=0.9")
    assert done.code == 8
    assert EXECUTE not in user.requests


def test_second_start_on_the_same_machine_is_refused(user: User) -> None:
    """The error has the process id of the first one."""
    words = [sys.executable, "-c", HOLDER, user.environ["SOSTRADES_STATE_DIR"], HOST]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        done = user.types("calc", "run", "21")
        assert done.code == 8
        assert f"process {process.pid}" in done.err
        assert EXECUTE not in user.requests
        process.kill()
    assert user.types("calc", "run", "21").code == 0


def test_watch_holds_no_lock(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.types("calc", "watch", "21")
    assert user.types("calc", "run", "21").code == 0


@pytest.mark.parametrize("tty", [True, False])
def test_notify_rings_the_bell_only_on_a_terminal(user: User, tty: bool) -> None:
    done = user.types("calc", "run", "21", "--notify", tty=tty)
    assert done.code == 0
    assert ("\a" in done.err + done.out) is tty


@pytest.mark.parametrize(("study", "outcome", "code"), [("21", "FINISHED", "0"), ("22", "FAILED", "3")])
def test_on_finish_command_gets_the_outcome(user: User, study: str, outcome: str, code: str) -> None:
    assert user.types("calc", "run", study, "--on-finish", "sh -c true").code == int(code)
    [(words, variables)] = user.programs
    assert words == ["sh", "-c", "true"]
    assert (variables["SOSTRADES_STUDY"], variables["SOSTRADES_OUTCOME"]) == (study, outcome)
    assert variables["SOSTRADES_EXIT_CODE"] == code
    assert float(variables["SOSTRADES_ELAPSED_S"]) > 5
    assert ("deliberate failure" in variables["SOSTRADES_CAUSE"]) is (code == "3")


def test_on_finish_command_runs_once_per_study(user: User) -> None:
    user.types("calc", "watch", "21", "23", "--on-finish", "true")
    assert sorted(variables["SOSTRADES_STUDY"] for _, variables in user.programs) == ["21", "23"]


@pytest.mark.parametrize("words", [("run", "21"), ("run", "21", "--detach"), ("watch", "21")])
def test_unknown_on_finish_program_is_rejected_without_a_request(user: User, words: tuple[str, ...]) -> None:
    done = user.types("calc", *words, "--on-finish", "no-such-program-anywhere")
    assert (done.code, user.requests) == (2, [])


def test_wait_start_waits_for_a_run(user: User) -> None:
    began = user.world.clock.now()
    done = user.types("calc", "watch", "22", "--wait-start", "30")
    assert done.code == 8
    assert 30 <= user.world.clock.now() - began < 33


@pytest.mark.parametrize("option", ["--timeout", "--interval", "--wait-start", "--max-outage", "--stall-warning"])
def test_run_accepts_the_time_options_of_watch(user: User, option: str) -> None:
    assert user.types("calc", "run", "21", option, "55.5").code == 0


@pytest.mark.parametrize(
    "command", ["echo $SOSTRADES_OUTCOME", 'echo "$SOSTRADES_OUTCOME"', "true; true", "true | cat", "true && true"]
)
def test_on_finish_command_that_needs_a_shell_is_rejected(user: User, command: str) -> None:
    done = user.types("calc", "run", "21", "--on-finish", command)
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert "sh -c" in done.err


@pytest.mark.parametrize("command", ['sh -c "true; echo $SOSTRADES_OUTCOME"', "echo 'a; b' '5 $'", 'echo "a | b"'])
def test_quoted_text_of_an_on_finish_command_is_accepted(user: User, command: str) -> None:
    assert user.types("calc", "run", "21", "--on-finish", command).code == 0
    assert len(user.programs) == 1


def test_set_values_are_named_with_their_study(user: User) -> None:
    done = user.types("calc", "run", "21", "--set", "Macro.gamma*=1.5")
    [line] = [line for line in done.err.splitlines() if "set and verified" in line]
    assert "study 21" in line
    assert "0.3 → 0.45" in line


def test_help_has_no_option_without_an_effect(user: User) -> None:
    assert "--wait-start" not in user.types("calc", "run", "--help").out
    assert "--wait-start" in user.types("calc", "watch", "--help").out
    assert user.types("calc", "run", "21", "--wait-start", "1m").code == 0
