"""Test that the examples and the table of exit codes in the README are current."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from documents import pages
from documents.terminal import Terminal

from server_stub.server import running
from server_stub.worlds import build_world
from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

README = pages.ROOT / "README.md"


def test_console_examples_of_the_readme_are_current(
    user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    current = pages.with_outputs(README.read_text(encoding="utf-8"), Terminal(user).types)
    rows = ["| code | meaning |", "|---|---|", *(f"| {int(code)} | {code.meaning} |" for code in ExitCode)]
    pages.check(README, pages.between(current, "exit codes", "\n".join(rows)))


@pytest.mark.slow  # it waits for runs on a true clock
def test_python_example_of_the_readme_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user_of: Callable[..., User]
) -> None:
    """It runs over a real connection."""
    monkeypatch.chdir(tmp_path)
    world = build_world("demo", server="documented", speed=50.0)
    with running(world) as url:
        for name, value in {**user_of().environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}.items():
            monkeypatch.setenv(name, value)
        pages.check(README, pages.with_results(README.read_text(encoding="utf-8")))


def test_readme_shows_the_quick_start_near_the_top() -> None:
    top = README.read_text(encoding="utf-8").splitlines()[:60]
    install = "    python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/"
    assert [line.removeprefix(install) for line in top if line.startswith(install)] == ["sostrades demo", "pytest -q"]
