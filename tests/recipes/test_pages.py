"""The index and the pages of recipes agree, and no file on them is left out of the tests."""

from __future__ import annotations

from pathlib import Path

from documents.pages import SESSION
from recipes import pages

FILES = {
    "cron": {"studies/study.sh", "crontab"},
    "faults": set(),
    "github-actions": {".github/workflows/study.yml", "changes.toml"},
    "gitlab-ci": {".gitlab-ci.yml", "changes.toml"},
    "makefile": {"Makefile"},
    "notebook": set(),
    "shell": {"finished.sh"},
}
WITH_SESSIONS = {"cron", "faults", "makefile", "shell"}


def test_the_files_of_the_pages_are_those_that_are_run() -> None:
    """A file on a page that no test takes would be a claim that nobody checks."""
    found = {file.stem: set(pages.files(file.stem)) for file in pages.RECIPES.glob("*.md") if file.stem != "README"}
    assert found == FILES
    for name, held in found.items():
        blocks = pages.page(name).count("```") // 2
        assert blocks == len(held) + len(SESSION.findall(pages.page(name))), name


def test_sessions_are_where_they_are_replayed() -> None:
    """A page with a session has a test that types its lines."""
    assert {name for name in FILES if list(pages.sessions(name))} == WITH_SESSIONS


def test_the_index_names_every_recipe() -> None:
    """Each page is linked from the index, and links back to it."""
    index = pages.page("README")
    for name in FILES:
        assert f"]({name}.md) |" in index
        assert pages.page(name).endswith("\n[All recipes](README.md)\n")


def test_no_page_tells_where_it_was_made() -> None:
    """No recipe has a folder or an address of the machine that wrote it."""
    places = ("/tmp", "/root", "127.0.0.1", str(Path.home()))  # noqa: S108 - what is looked for
    made = [file for file in pages.RECIPES.iterdir() if any(place in file.read_text("utf-8") for place in places)]
    assert made == []
