"""Test that docs/man is generated from the commands. SOSTRADES_WRITE_README=1 writes it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from reference import manual
from reference.command_tree import COMMANDS, EVERYTHING, line_of

PAGES = Path(__file__).parent.parent / "docs" / "man"
WRITES = bool(os.environ.get("SOSTRADES_WRITE_README"))
ANEW = "SOSTRADES_WRITE_README=1 .venv/bin/pytest -q tests/test_man_pages.py writes it"


def comparable(page: str) -> list[str]:
    """Return the headings and words of a page. Macros and first lines depend on the version of the writer."""
    _, _, body = page.partition(".SH NAME")
    return [line for line in body.splitlines() if not line.startswith(".") or line.startswith((".SH", ".B "))]


@pytest.mark.parametrize("path", EVERYTHING, ids=line_of)
def test_man_page_is_current(path: tuple[str, ...]) -> None:
    true = manual.page(path)
    file = PAGES / manual.file_name(path)
    if WRITES:
        PAGES.mkdir(exist_ok=True)
        file.write_text(true, encoding="utf-8")
    assert file.exists(), f"{file.name} is missing: {ANEW}"
    assert comparable(file.read_text(encoding="utf-8")) == comparable(true), f"{file.name} is out of date: {ANEW}"


def test_every_command_has_a_man_page() -> None:
    """There is no other page."""
    names = {manual.file_name(path) for path in EVERYTHING}
    if WRITES:
        for file in PAGES.iterdir():
            if file.name not in names:
                file.unlink()
    assert {file.name for file in PAGES.iterdir()} == names, ANEW


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_man_page_has_the_usual_sections(path: tuple[str, ...]) -> None:
    text = (PAGES / manual.file_name(path)).read_text(encoding="utf-8")
    result = re.findall(r'^\.SH "?([A-Z ]+)"?$', text, re.MULTILINE)
    expected = ["NAME", "SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "OPTIONS", "EXAMPLES", "EXIT STATUS", "SEE ALSO"]
    assert result == [item for item in expected if item in result]
    assert set(expected) - set(result) <= {"ARGUMENTS"}
    assert re.search(rf"^{re.escape(manual.page_name(path))} \\- [a-z]", text, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff on this machine, which shows man pages")
@pytest.mark.parametrize("path", EVERYTHING, ids=line_of)
def test_man_page_is_shown_without_warnings(path: tuple[str, ...]) -> None:
    """No escape is visible, and the examples can be copied."""
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u", "-rLL=100n", PAGES / manual.file_name(path)],
        capture_output=True,
        check=False,
    )
    shown = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\\" not in shown
    assert "\N{HYPHEN}" not in shown
    for example in getattr(EVERYTHING[path], "examples", ()):
        assert example in shown
