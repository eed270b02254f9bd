"""Test that docs/reference has the texts and outputs of the commands. `python -m tests.documents` writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import slow
from documents import pages
from reference import markdown, texts
from reference.command_tree import COMMANDS, line_of
from reference.shell import shell_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User
    from reference.shell import Shell

PAGES = pages.DOCS / "reference"
# The examples of their pages run many cases, or compare many results.
LONG = {
    *(("calc", "optimize"), ("calc", "sweep"), ("param", "history"), ("postproc", "diff")),
    *(("study", "apply"), ("study", "diff"), ("study", "export")),
}
SITE = pages.ROOT / "mkdocs.yml"


@pytest.fixture
def new_shell(user_of: Callable[..., User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Shell]:
    """Return a function that makes a new shell."""

    def make() -> Shell:
        return shell_of(user_of(), tmp_path / f"work-{len(list(tmp_path.iterdir()))}", monkeypatch)

    return make


@pytest.mark.parametrize("path", [slow(path) if path in LONG else path for path in COMMANDS], ids=line_of)
def test_page_of_a_command_is_current(new_shell: Callable[[], Shell], path: tuple[str, ...]) -> None:
    pages.check(PAGES / f"{texts.name_of(path)}.md", markdown.command_page(path, new_shell))


def test_order_of_lines_of_one_second_is_ignored() -> None:
    begin, first, second, end = (
        f"2026-11-22T22:40:{line}\n"
        for line in ("48Z  21  PENDING", "56Z  21  FINISHED", "56Z  27  FINISHED", "57Z  9")
    )
    assert pages.stable(begin + first + second + end) == pages.stable(begin + second + first + end)
    assert pages.stable(begin + first + end) != pages.stable(first + begin + end)


def test_index_options_and_exit_codes_are_current() -> None:
    pages.check(PAGES / "README.md", markdown.index())
    pages.check(PAGES / "options.md", markdown.options_page())
    pages.check(PAGES / "exit-codes.md", markdown.exit_codes_page())


def test_every_command_has_a_page() -> None:
    """There is no other page."""
    names = markdown.names() | {f"{name}.md" for name in pages.WRITTEN_BY_HAND}
    if pages.WRITES:
        for file in PAGES.iterdir():
            if file.name not in names:
                file.unlink()
    assert {file.name for file in PAGES.iterdir()} == names, pages.ANEW


def test_navigation_of_the_site_has_every_command() -> None:
    text = SITE.read_text(encoding="utf-8")
    marks = re.compile(r"(?<=# commands\n).*?(?= *# end of commands)", re.DOTALL)
    pages.check(SITE, marks.sub(lambda _: f"{markdown.navigation()}\n", text, count=1))
