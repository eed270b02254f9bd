"""Test a hundred concurrent processes with one profile: nothing is lost or corrupted."""

from __future__ import annotations

import json
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Shell

PROCESSES = 100
LONGEST_S = 240
FLOATS = ("Macro.gamma", "Carbon.intensity", "Damage.theta", "Macro.not_known", "Macro.no_limit")
# A server that is asked by a hundred at once may drop a change while it loads: the command says so, with 8.
MAY_BE_REFUSED = {0, int(ExitCode.REFUSED)}


def words_of(number: int) -> list[str]:
    """Return the arguments of the n-th process. Together they use every file that the tool writes or reads."""
    kinds = [
        ["alias", "set", f"study{number}", str(number + 1)],
        ["alias", "set", f"other{number}", str(number + 1), "--profile", f"p{number % 3}"],
        ["config", "set", "host", f"https://h{number}.example", "--profile", f"q{number}"],
        ["study", "load", str((21, 22, 26, 27)[number % 4]), "-F", "json"],
        ["param", "set", "21", f"dice.{FLOATS[number % len(FLOATS)]}={number}.5", "-F", "json"],
        ["auth", "status", "-F", "json"],
        ["study", "list", "-F", "json"],
    ]
    return kinds[number % len(kinds)]


def all_at_once(shell: Shell) -> list[tuple[list[str], int, str, str]]:
    """Start all processes at once. Return the arguments, exit code and streams of each.

    They wait for one another at a pipe: the shell that becomes each of them first reads a line of it.
    """
    gate = shell.folder / "gate"
    gate.write_bytes(b"")
    script = f'exec 9<"{gate}"; flock -s 9; exec 9<&-; exec sostrades "$@"'
    with subprocess.Popen(["flock", str(gate), "cat"], stdin=subprocess.PIPE) as keeper:
        # Until the keeper has the lock nobody may pass.
        while subprocess.run(["flock", "-n", str(gate), "true"], check=False).returncode == 0:
            pass
        started = [
            (
                words,
                subprocess.Popen(
                    ["bash", "-c", script, "bash", *words],
                    env=shell.environ,
                    cwd=shell.folder,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                ),
            )
            for words in map(words_of, range(PROCESSES))
        ]
        assert all(process.poll() is None for _, process in started)
        assert keeper.stdin is not None
        keeper.stdin.close()
        return [(words, *_ended(process)) for words, process in started]


def _ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=LONGEST_S)
    return process.returncode, out, err


def folder_of(shell: Shell, name: str) -> Path:
    """Return one of the tool's own folders."""
    return Path(shell.environ[f"XDG_{name}_HOME"]) / "sostrades"


@pytest.mark.slow
def test_hundred_processes_lose_nothing(shell: Shell) -> None:
    for number in range(3):
        assert shell.runs(f"sostrades config set host https://p.example --profile p{number}").returncode == 0
    done = all_at_once(shell)
    for words, code, out, err in done:
        assert code in (MAY_BE_REFUSED if words[0] == "param" else {0}), (words, code, err)
        assert "Traceback" not in out + err
        assert shell.key not in out + err
    config = tomllib.loads((folder_of(shell, "CONFIG") / "config.toml").read_text())
    for words, *_ in done:
        profile = config["profiles"].get(words[-1] if "--profile" in words else "default", {})
        if words[0] == "alias":
            assert profile["aliases"][words[2]] == int(words[3]), words
        elif words[0] == "config":
            assert profile["host"] == words[3], words
    _check_journal(shell, done)
    memory = json.loads(shell.runs("sostrades study list -F json").stdout)
    assert {21, 22, 26, 27} <= {item["study"] for item in memory}
    documents = [json.loads(path.read_text()) for path in folder_of(shell, "CACHE").rglob("*.json")]
    assert all(document["version"] for document in documents)
    _check_files(shell)


def _check_journal(shell: Shell, done: list[tuple[list[str], int, str, str]]) -> None:
    """Check that every reported change has its own journal entry with its value."""
    history = json.loads(shell.runs("sostrades param history 21 -F json").stdout)
    numbers = [entry["entry"] for entry in history]
    assert len(set(numbers)) == len(numbers)
    assert {entry["outcome"] for entry in history} <= {"done", "in doubt"}
    noted = {(c["key"], c["new"]) for entry in history if entry["outcome"] == "done" for c in entry["changes"]}
    claimed = {
        (row["key"], row["new"])
        for words, code, out, _ in done
        if words[0] == "param" and code == 0
        for row in json.loads(out)
    }
    assert claimed
    assert claimed <= noted


def _check_files(shell: Shell) -> None:
    """Check that no temporary file is left, and that files and folders are private."""
    folders = [folder_of(shell, name) for name in ("CONFIG", "CACHE", "STATE")]
    result = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    assert [path for path in result if path.name.endswith((".part", ".tmp"))] == []
    assert [path for path in result if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
