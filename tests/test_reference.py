"""docs/reference says what the commands say and do; SOSTRADES_WRITE_README=1 writes it anew."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from reference import markdown, texts
from reference.command_tree import COMMANDS, line_of
from reference.shell import shell_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User
    from reference.shell import Shell

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "reference"
WRITES = bool(os.environ.get("SOSTRADES_WRITE_README"))
ANEW = "SOSTRADES_WRITE_README=1 .venv/bin/pytest -q tests/test_reference.py writes it"
# What the time of a run and the versions of libraries change.
VOLATILE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|,\d+)|\d+\.\d (?:MB|kB)")
LINK = re.compile(r"\]\(([^)#]+)\)")


@pytest.fixture
def new_shell(user_of: Callable[..., User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Shell]:
    """Return what makes a shell in which nothing has happened yet."""

    def make() -> Shell:
        return shell_of(user_of(), tmp_path / f"work-{len(list(tmp_path.iterdir()))}", monkeypatch)

    return make


def check(file: Path, true: str) -> None:
    """Write a page, or compare it with the one that is there."""
    if WRITES:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(true, encoding="utf-8")
    assert file.exists(), f"{file.relative_to(ROOT)} is missing: {ANEW}"
    written, wanted = (VOLATILE.sub("~", text) for text in (file.read_text(encoding="utf-8"), true))
    assert written.splitlines() == wanted.splitlines(), f"{file.relative_to(ROOT)} is out of date: {ANEW}"


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_the_page_of_a_command_is_current(new_shell: Callable[[], Shell], path: tuple[str, ...]) -> None:
    """A page has the synopsis, the texts and the options of its command, and the true output of its examples."""
    check(PAGES / f"{texts.name_of(path)}.md", markdown.command_page(path, new_shell))


def test_the_pages_that_lead_to_commands_are_current() -> None:
    """The index has every group and command; options and exit codes that all share are described once."""
    check(PAGES / "README.md", markdown.index())
    check(PAGES / "options.md", markdown.options_page())
    check(PAGES / "exit-codes.md", markdown.exit_codes_page())


def test_there_is_a_page_for_every_command_and_no_other() -> None:
    """A command that is gone takes its page with it."""
    if WRITES:
        for file in PAGES.iterdir():
            if file.name not in markdown.names():
                file.unlink()
    assert {file.name for file in PAGES.iterdir()} == markdown.names(), ANEW


@pytest.mark.parametrize("file", sorted((ROOT / "docs").rglob("*.md")), ids=lambda file: file.name)
def test_every_link_leads_somewhere(file: Path) -> None:
    """What a page links to is there."""
    links = [link for link in LINK.findall(file.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_no_page_tells_where_it_was_made() -> None:
    """No page has a folder of the machine that wrote it."""
    assert [file.name for file in PAGES.iterdir() if re.search(r"/tmp|/home|/root", file.read_text())] == []  # noqa: S108
