"""Test that the index and the pages of recipes agree, and that every file on them is tested."""

from __future__ import annotations

from pathlib import Path

from documents.pages import SESSION
from recipes import pages

FILES = {
    "airflow": {"dags/study.py"},
    "cron": {"studies/study.sh", "crontab"},
    "dakota": {"driver.py", "study.in"},
    "dask": {"cases.py"},
    "faults": set(),
    "gemseo": {"scenario.py"},
    "github-actions": {".github/workflows/study.yml", "changes.toml"},
    "gitlab-ci": {".gitlab-ci.yml", "changes.toml"},
    "makefile": {"Makefile"},
    "notebook": set(),
    "openturns": {"uncertainty.py"},
    "optuna": {"search.py", "parallel.py"},
    "shell": {"finished.sh"},
    "snakemake": {"cases.csv", "Snakefile"},
}
WITH_SESSIONS = {"cron", "dask", "faults", "makefile", "optuna", "shell", "snakemake"}


def test_every_file_on_a_page_is_tested() -> None:
    result = {file.stem: set(pages.files(file.stem)) for file in pages.RECIPES.glob("*.md") if file.stem != "README"}
    assert result == FILES
    for name, contents in result.items():
        blocks = pages.page(name).count("```") // 2
        assert blocks == len(contents) + len(SESSION.findall(pages.page(name))), name


def test_every_page_with_a_session_has_a_test() -> None:
    assert {name for name in FILES if list(pages.sessions(name))} == WITH_SESSIONS


def test_index_lists_every_recipe() -> None:
    """Each page links back to it."""
    index = pages.page("README")
    for name in FILES:
        assert f"]({name}.md) |" in index
        assert pages.page(name).endswith("\n[All recipes](README.md)\n")


def test_pages_contain_no_local_folders_or_addresses() -> None:
    places = ("/tmp", "/root", "127.0.0.1", str(Path.home()))  # noqa: S108 - what is looked for
    made = [file for file in pages.RECIPES.iterdir() if any(item in file.read_text("utf-8") for item in places)]
    assert made == []
