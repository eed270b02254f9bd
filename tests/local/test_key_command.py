"""The command of a profile that prints the key."""

from __future__ import annotations

import shlex
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import InvalidSetting, KeySourceError
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.local.key_command import KeyCommand, checked_line, key_command_of, output_of

if TYPE_CHECKING:
    from pathlib import Path

KEY = "0123456789abcdef0123456789abcdef"


def failure(line: str, limit_s: float = 60) -> KeySourceError:
    """Return the error of a command; it is exit 4, names the program, and shows nothing of the output."""
    with pytest.raises(KeySourceError) as caught:
        output_of(line, {}, limit_s)
    error = caught.value
    assert exit_code_of(error) is ExitCode.ACCESS
    assert "key_command" in error.message
    assert KEY not in f"{error.message}{error.detail}{error.hint}"
    return error


@pytest.mark.parametrize(
    "line",
    [
        f"printf {KEY}",
        f"echo {KEY}",
        f"printf '{KEY}\\r\\n'",
        f"printf '\\n{KEY}\\nuser: ann\\n'",
        f"printf '\\357\\273\\277{KEY}'",
        f"sh -c 'echo warning >&2; echo {KEY}'",
        f"sh -c 'echo {KEY}; cat'",
    ],
)
def test_first_line_of_the_output_is_the_key(line: str) -> None:
    assert output_of(line, {}) == KEY


def test_utf_16_of_powershell_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\r\n", encoding="utf-16")
    assert output_of(f"cat {tmp_path}/key", {}) == KEY


def test_command_runs_without_a_shell_and_with_the_environment() -> None:
    line = shlex.join([sys.executable, "-c", "import os, sys; print(sys.argv[1], os.environ['MINE'])", "$HOME | *"])
    assert output_of(line, {"MINE": "x"}) == "$HOME | * x"


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("no-such-program --secret x", "no-such-program"),
        (f"sh -c 'echo {KEY}; echo {KEY} >&2; exit 3'", "3"),
        (f"sh -c 'echo {KEY} >&2'", "nothing"),
        ("printf '\\n \\n'", "nothing"),
    ],
)
def test_failing_command_is_exit_4_and_named(line: str, fact: str) -> None:
    error = failure(line)
    assert fact in error.message
    assert "--secret" not in error.message


def test_command_of_another_system_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\x7fELF")
    (tmp_path / "key").chmod(0o755)
    failure(str(tmp_path / "key"))


@pytest.mark.parametrize("line", ["sleep 5", "sh -c 'exec >&-; sleep 5'", "sh -c 'sleep 1 & sleep 5'"])
def test_hanging_command_is_killed_after_a_time_limit(line: str) -> None:
    before = time.monotonic()
    assert "0.1 s" in failure(line, limit_s=0.1).message
    assert time.monotonic() - before < 3


def test_endless_output_does_not_fill_the_memory() -> None:
    failure("yes")


@pytest.mark.parametrize("value", ["", "  ", "pass 'show", 3, ["pass"]])
def test_invalid_command_is_rejected(value: object) -> None:
    with pytest.raises(InvalidSetting):
        checked_line(value, "key_command in config.toml")


def test_command_belongs_to_the_server_of_its_profile() -> None:
    line = "pass show sostrades"
    assert key_command_of({}) is None
    assert key_command_of({"key_command": ""}) is None
    assert key_command_of({"key_command": line}) == KeyCommand(line, None)
    table = {"key_command": line, "host": "https://corp.example/api/v0/"}
    assert key_command_of(table) == KeyCommand(line, "https://corp.example")
