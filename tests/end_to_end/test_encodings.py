"""Test terminals and files with limited encodings: the program continues, and data stays exact."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

LINES = [
    "study load 21 -F table",
    "study load 21",
    "postproc show 21 2 -F table",
    "calc watch 21",
    "doctor -F table",
    "study load 99999",
]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_missing_characters_do_not_end_the_program(shell: Shell, encoding: str) -> None:
    """Encodings such as cp1252 and ASCII."""
    script = "\n".join(f"sostrades {line} >>out 2>>err; echo $?" for line in LINES)
    done = shell.runs(script, PYTHONIOENCODING=encoding)
    assert done.stdout.split() == ["0", "0", "0", "0", "0", "5"]
    out, err = (shell.folder / "out").read_bytes(), (shell.folder / "err").read_bytes()
    assert b"bug in" not in err
    assert b"Traceback" not in err
    assert b"caf\xe9 \\u2603 na\xefve" in out if encoding == "cp1252" else b"caf\\xe9 \\u2603 na\\xefve" in out


def test_json_is_exact_in_any_encoding(shell: Shell) -> None:
    line = "sostrades param get 21 Macro.note -F json"
    texts = [json.loads(shell.runs(line, PYTHONIOENCODING=name).stdout) for name in ("ascii", "utf-8")]
    assert texts == ["café ☃ naïve"] * 2


@pytest.mark.slow
@pytest.mark.parametrize("line", ["param get 21 Macro.note", "study load 21 -F tsv", "study load 21 -F csv"])
def test_characters_outside_the_encoding_are_escaped(shell: Shell, line: str) -> None:
    done = shell.runs(f"sostrades {line} | iconv -f cp1252 -t utf-8", PYTHONIOENCODING="cp1252")
    assert ("\\u2603" in done.stdout, done.stderr) == (True, "")


@pytest.mark.slow
@pytest.mark.parametrize("environ", [{"PYTHONIOENCODING": "utf-8"}, {"PYTHONUTF8": "1"}])
def test_utf_8_has_all_characters(shell: Shell, environ: dict[str, str]) -> None:
    done = shell.runs("sostrades param get 21 Macro.note | cat", **environ)
    assert ("\u2603" in done.stdout, done.stderr) == (True, "")
