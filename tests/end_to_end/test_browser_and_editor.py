"""Test the browser and the editor of the user, which are started as programs of their own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

NO_BROWSER = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": ""}


def program(shell: Shell, body: str) -> str:
    """Write a program of one argument and return the command that starts it."""
    file = shell.folder / "program.py"
    file.write_text(f"import pathlib, sys\nfile = sys.argv[1]\n{body}\n")
    return f"{sys.executable} {file}"


@pytest.mark.slow
def test_output_of_the_browser_is_not_in_the_result(shell: Shell) -> None:
    done = shell.runs("sostrades study open 21", BROWSER=f"{program(shell, 'print(file, 1)')} %s")
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert f"{done.stdout.strip()} 1" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the image engine uses other pipes")
def test_log_of_the_image_engine_is_not_in_the_messages(shell: Shell) -> None:
    pytest.importorskip("kaleido")
    browser = shell.folder / "browser"
    browser.write_text("#!/bin/sh\nprintf '{broken\\0' >&4\n")
    browser.chmod(0o700)
    done = shell.runs("sostrades postproc export 21 pictures --as png -F json", BROWSER_PATH=str(browser))
    assert (done.returncode, json.loads(done.stderr)["code"]) == (2, 2)


def test_link_is_printed_without_a_display(shell: Shell) -> None:
    done = shell.runs("sostrades study open 21", **NO_BROWSER)
    assert (done.returncode, done.stdout.startswith("http")) == (0, True)
    assert "no browser" in done.stderr


@pytest.mark.parametrize(
    "browser",
    ["no-such-browser", *(pytest.param(line, marks=pytest.mark.slow) for line in (" ", "'x", "'x %s", "false %s"))],
)
def test_link_is_printed_if_the_browser_fails(shell: Shell, browser: str) -> None:
    done = shell.runs("sostrades study open 21", **{**NO_BROWSER, "BROWSER": browser})
    assert (done.returncode, done.stdout.startswith("http")) == (0, True), done.stderr
    assert ("no browser" in done.stderr) is (browser == " ")
    assert ("failed" in done.stderr) is (browser != " ")


@pytest.mark.parametrize("editor", ["'x", pytest.param('code "', marks=pytest.mark.slow)])
def test_editor_with_an_open_quotation_mark_is_a_usage_error(shell: Shell, editor: str) -> None:
    done = shell.runs("sostrades config edit", EDITOR=editor)
    assert (done.returncode, "EDITOR" in done.stderr) == (2, True)


@pytest.mark.slow
def test_browser_opens_with_a_closed_output(shell: Shell) -> None:
    done = shell.runs("sostrades postproc open 21 2 -o page.html >&-", BROWSER=f"{program(shell, 'print(file)')} %s")
    assert "page.html" in done.stderr
    assert (shell.folder / "page.html").stat().st_size > 1000


@pytest.mark.slow
def test_page_of_charts_is_kept_where_the_browser_can_read_it(shell: Shell) -> None:
    body = "import urllib.parse as p; print(len(open(p.unquote(p.urlparse(file).path)).read()) > 1000)"
    done = shell.runs("sostrades postproc open 21 2", BROWSER=f"{program(shell, body)} %s")
    assert (done.returncode, "True" in done.stderr) == (0, True)
    assert Path(done.stdout.strip()).is_file()


def test_editor_changes_the_settings(shell: Shell) -> None:
    body = "pathlib.Path(file).write_text('[profiles.default]\\nformat = \"json\"\\n')"
    done = shell.runs("sostrades config edit && sostrades config get format", EDITOR=program(shell, body))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, '"json"'), done.stderr


@pytest.mark.slow
def test_editor_that_fails_is_a_usage_error(shell: Shell) -> None:
    assert shell.runs("sostrades config edit", EDITOR=program(shell, "sys.exit(1)")).returncode == 2
    assert shell.runs("sostrades config edit", EDITOR="no-such-editor").returncode == 2


@pytest.mark.slow
def test_editor_cannot_break_the_settings(shell: Shell) -> None:
    body = "pathlib.Path(file).write_text('oops')"
    done = shell.runs("sostrades config edit", EDITOR=program(shell, body))
    assert done.returncode == 2
    assert shell.runs("sostrades config list").returncode == 0
