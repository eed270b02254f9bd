"""Hints of the command line in the words of the library, checked for every hint of the package."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sostrades_cli
from sostrades_cli import Client, Study
from sostrades_cli.errors import FileConflict, UsageError
from sostrades_cli.library.python_hints import has_options, in_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import User

PACKAGE = Path(sostrades_cli.__file__).parent
# These parts of the package are used on the command line only.
COMMAND_LINE = {"cli", "commands", "completion"}


def arguments() -> set[str]:
    """Return the names of all arguments of the library, as options."""
    methods = [
        method
        for kind in (Client, Study)
        for name, method in inspect.getmembers(kind, callable)
        if not name.startswith("_") or name == "__init__"
    ]
    names = {name for method in methods for name in inspect.signature(method).parameters}
    return {name.removesuffix("_s").replace("_", "-") for name in names}


def hints() -> Iterator[str]:
    """Yield the texts that may be hints: those with an option, with 1 for each part that is computed."""
    for file in PACKAGE.rglob("*.py"):
        if file.relative_to(PACKAGE).parts[0] in COMMAND_LINE:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "hint":
                yield from texts(node.value)


def texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts of an expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values)
    elif isinstance(node, ast.IfExp | ast.BoolOp | ast.BinOp):
        yield from (text for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr) for text in texts(part))


def test_no_hint_has_an_option_that_is_an_argument_of_the_library() -> None:
    known = arguments()
    assert {"overwrite", "force", "read-timeout"} <= known
    every = list(hints())
    assert len(every) > 100
    left = [words for words in map(in_python, every) if has_options(words)]
    # `--to` of a chart is not the `to` of `undo`.
    assert [words for words in left if any(f"--{name} " in f"{words} " for name in known - {"to"})] == []


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("add --overwrite to replace it", "add overwrite=True to replace it"),
        ("add --force, or wait", "add force=True, or wait"),
        ("wait longer: add `--read-timeout 240s`", "wait longer: add read_timeout_s=240"),
        ("add `--wait-start 10m`", "add wait_start_s=600"),
        ("add --host URL", 'add host="URL"'),
        ("`sostrades param list 21 --outputs`", "`sostrades param list 21 --outputs`"),
        ("sostrades study export 21 x --overwrite", "sostrades study export 21 x --overwrite"),
        ("remove --safe-csv", "remove --safe-csv"),
    ],
)
def test_option_becomes_an_argument(hint: str, words: str) -> None:
    assert in_python(hint) == words
    assert in_python(words) == words


def test_hint_of_an_error_is_for_python(user: User) -> None:
    study = user.client().study(21)
    with pytest.raises(UsageError) as caught:
        study.set({})
    assert "--" not in str(caught.value.hint)
    study.download(user.folder / "files", keys="Macro.population")
    with pytest.raises(FileConflict) as conflict:
        study.download(user.folder / "files", keys="Macro.population")
    assert "overwrite=True" in str(conflict.value.hint)
    assert any("overwrite=True" in note for note in conflict.value.__notes__)
