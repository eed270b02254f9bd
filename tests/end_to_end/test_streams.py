"""Test results that cannot be written: a full disk and closed streams in a real shell."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

# Small and large results, texts of click itself, JSON, and what is passed on as it comes.
LINES = [
    "study url 21",
    "param get 21 Macro.gamma",
    "param list 23 --all",
    "study load 21 -F json",
    "study load 23 -F json",
    "param download 21 Macro.population",
    "calc status 21 -F ndjson",
    "config list -F csv",
    "completion bash",
    "--version",
    "--help",
    "param set --help",
]


# One line for each target, and each of the ways in which a result is written.
QUICK = {(">/dev/full", "study load 21 -F json"), (">&-", "study url 21"), (">&- <&-", "--help")}


@pytest.mark.parametrize(
    ("target", "line"),
    [
        pytest.param(target, line, marks=() if (target, line) in QUICK else pytest.mark.slow)
        for target in (">/dev/full", ">&-", ">&- <&-")
        for line in LINES
    ],
)
def test_unwritable_result_is_exit_1(shell: Shell, line: str, target: str) -> None:
    """There is one error, and no traceback from the shutdown of Python."""
    assert "PYTHONUNBUFFERED" not in os.environ
    done = shell.runs(f"sostrades {line} {target}")
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert done.stderr.count("cannot write") == 1
    assert ("Traceback" in done.stderr, "Exception ignored" in done.stderr) == (False, False)


@pytest.mark.slow
def test_change_with_an_unwritable_result_was_made(shell: Shell) -> None:
    done = shell.runs("sostrades param set 30 Macro.gamma=0.41 -F json >&-")
    error = json.loads(done.stderr)
    assert (done.returncode, error["kind"], error["hint"]) == (1, "write_failed", "sostrades param history 30")
    assert shell.runs("sostrades param get 30 Macro.gamma").stdout == "0.41\n"


@pytest.mark.slow
@pytest.mark.parametrize("studies", [" 21", " 21 22", ""])
def test_status_with_an_unwritable_result_reports_the_result_only(shell: Shell, studies: str) -> None:
    done = shell.runs(f"sostrades calc status{studies} -F json >&-")
    error = json.loads(done.stderr)
    assert (done.returncode, error["kind"], error["hint"]) == (1, "write_failed", f"sostrades calc status{studies}")
    assert "not stopped" not in error["error"]


@pytest.mark.slow
@pytest.mark.parametrize("target", ["2>/dev/full", "2>&-"])
def test_unwritable_notes_do_not_change_the_exit_code(shell: Shell, target: str) -> None:
    assert shell.runs(f"sostrades study url 21 {target}").returncode == 0
    assert shell.runs(f"sostrades study url 99999 {target}").returncode == 5
    assert shell.runs(f"sostrades study load abc {target}").returncode == 2


# A keyring is a library that the user chooses. This one has work left when the program ends.
KEYRING = """
import atexit, threading, time
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        atexit.register(print, "callback")
        threading.Thread(target=lambda: (time.sleep(1), print("thread")), daemon=False).start()

    set_password = delete_password = None
"""


@pytest.mark.slow
def test_libraries_end_their_work_before_the_process_ends(shell: Shell) -> None:
    """The program does not wait for Python to take its modules apart, but for what libraries have begun."""
    (shell.folder / "chosen.py").write_text(KEYRING)
    chosen = {"PYTHON_KEYRING_BACKEND": "chosen.Keyring", "PYTHONPATH": str(shell.folder)}
    done = shell.runs("env -u SOSTRADES_API_KEY sostrades auth status", **chosen)
    assert done.stdout.splitlines()[-2:] == ["thread", "callback"], done.stderr
    assert done.returncode == 4


WARNING_KEYRING = """
import warnings
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        warnings.warn("of a library", UserWarning)

    set_password = delete_password = None
"""


@pytest.mark.parametrize(("wanted", "shown"), [({}, False), ({"PYTHONWARNINGS": "default"}, True)])
def test_warnings_of_libraries_are_shown_on_request(shell: Shell, wanted: dict[str, str], shown: bool) -> None:
    (shell.folder / "chosen.py").write_text(WARNING_KEYRING)
    chosen = {"PYTHON_KEYRING_BACKEND": "chosen.Keyring", "PYTHONPATH": str(shell.folder)}
    done = shell.runs("env -u SOSTRADES_API_KEY sostrades auth status", **chosen, **wanted)
    assert (done.returncode, "of a library" in done.stderr) == (4, shown), done.stderr


@pytest.mark.slow
def test_command_without_a_result_needs_no_stdout(shell: Shell) -> None:
    done = shell.runs("sostrades param download 21 Macro.population -o table.csv >&-")
    assert (done.returncode, (shell.folder / "table.csv").exists()) == (0, True), done.stderr


@pytest.mark.slow
def test_closed_stdin_is_empty(shell: Shell) -> None:
    assert shell.runs("sostrades auth login --with-key --insecure-storage <&-").returncode == 2
