"""Test a first session in a real shell."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING

import pytest
from conftest import slow

from sostrades_cli.operations.tour import STEPS

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file


@pytest.mark.slow
def test_load_download_set_run_and_charts_work_in_a_shell(shell: Shell) -> None:
    assert shell.runs("sostrades study load 21 -F json | python3 -m json.tool").returncode == 0
    assert shell.runs("sostrades param download 21 dice.Macro.population -o t.csv").returncode == 0
    assert (shell.folder / "t.csv").read_text().startswith("years,")
    got = shell.runs(
        "sostrades param set 21 dice.Macro.gamma=12.5 >/dev/null && sostrades param get 21 dice.Macro.gamma"
    )
    assert (got.returncode, got.stdout) == (0, "12.5\n")
    assert shell.runs("sostrades calc run 21").returncode == 0
    last = json.loads(shell.runs("sostrades calc watch 21 -F ndjson | tail -1").stdout)
    assert (last["event"], last["outcome"], last["exit_code"]) == ("finished", "FINISHED", 0)
    assert shell.runs("sostrades postproc html 21 -o page.html").returncode == 0
    assert b"plotly" in (shell.folder / "page.html").read_bytes()


@pytest.mark.slow
def test_failed_run_prints_its_cause(shell: Shell) -> None:
    done = shell.runs("sostrades calc run 22")
    assert done.returncode == 3
    assert "ValueError: deliberate failure" in done.stderr
    assert "Traceback" not in done.stdout


@pytest.mark.slow
def test_errors_have_their_exit_codes(shell: Shell) -> None:
    assert shell.runs("sostrades study load 25").returncode == 4
    assert shell.runs("sostrades study load 99999").returncode == 5
    assert shell.runs("sostrades study load abc").returncode == 2
    assert shell.runs("sostrades study load 21", SOSTRADES_API_KEY="0" * 32).returncode == 4


@pytest.mark.slow
def test_unreachable_server_fails_within_five_seconds(shell: Shell) -> None:
    """On a busy machine, one of three attempts must be fast enough."""

    def seconds() -> float:
        began = time.monotonic()
        assert shell.runs("sostrades study load 21", SOSTRADES_HOST="http://127.0.0.1:9").returncode == 6
        return time.monotonic() - began

    assert any(seconds() < 5 for _ in range(3))


@pytest.mark.slow
def test_reader_that_closes_early_is_not_an_error(shell: Shell) -> None:
    done = shell.runs("sostrades study load 23 -F json | head -c 10; echo ${PIPESTATUS[0]}")
    assert done.stdout.endswith("0\n")
    assert done.stderr == ""
    listed = shell.runs("sostrades param list 23 --all | head -1; echo ${PIPESTATUS[0]}")
    assert listed.stdout == "parameter\tkind\ttype\tunit\tvalue\n0\n"
    assert listed.stderr == ""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), slow(signal.SIGINT, 130), slow(signal.SIGHUP, 129)]
)
def test_signal_ends_only_the_watch(shell: Shell, number: int, code: int) -> None:
    process = shell.starts("calc", "watch", "26", "--interval", "60")
    assert process.stdout is not None
    assert "RUNNING" in process.stdout.readline()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err.endswith("sostrades calc watch 26\n")
    assert "Traceback" not in err


@pytest.mark.slow
def test_stub_prints_a_line_when_ready_and_ends_on_a_signal(shell: Shell) -> None:
    process = shell.starts("stub", "--server", "5.3", "--speed", "20")
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert set(ready) == {"url", "key", "user_key", "studies"}
    done = shell.runs("sostrades study url 21", SOSTRADES_HOST=ready["url"], SOSTRADES_API_KEY=ready["user_key"])
    assert done.returncode == 7
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    process.communicate()


@pytest.mark.slow
def test_demo_runs_every_step_without_touching_user_files(shell: Shell) -> None:
    done = shell.runs("sostrades demo")
    assert done.returncode == 0
    assert "$ sostrades calc run 21" in done.stdout
    assert done.stdout.count("\n$ sostrades ") == len(STEPS)
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "sostrades auth login" in done.stdout.partition(f"# {len(STEPS)} steps")[2]
    assert list(shell.folder.iterdir()) == []
