"""Pages of the documentation: the sessions in them, replayed, and the files that they are written to."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
WRITES: Final = bool(os.environ.get("SOSTRADES_WRITE_README"))
ANEW: Final = "`.venv/bin/python -m tests.documents` writes it"
# Pages of docs/reference that are not made from the program.
WRITTEN_BY_HAND: Final = ("events", "files", "python", "settings")
# A line with nothing but a name stands before the block that is the file of this name.
FILE: Final = re.compile(r"^`(?P<name>[^`\n]+)`\n\n```\w+\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
# A comment that holds a line of a session is run and not shown.
_RUN: Final = re.compile(
    r"^(?:```console\n(?P<shown>.*?)^```|<!-- \$ (?P<hidden>[^\n]*) -->)$", re.DOTALL | re.MULTILINE
)
SESSION: Final = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PROGRAM: Final = re.compile(r"^```pycon\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# The answers about several studies come in any order.
_AT_ONE_TIME: Final = re.compile(
    r"^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)  [^\n]*\n(?:(?P=time)  [^\n]*\n)+", re.MULTILINE
)
# The time of a run and the versions of libraries change these.
VOLATILE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:Z|,\d+))?|\d+\.\d (?:MB|kB)|\S+ of plotly \S+")


def stable(text: str) -> str:
    """Return a text without the parts that differ from one run to the next."""
    in_order = _AT_ONE_TIME.sub(lambda lines: "".join(sorted(lines[0].splitlines(keepends=True))), text)
    return VOLATILE.sub("~", in_order)


def check(file: Path, current: str, comparable: Callable[[str], str] = stable) -> None:
    """Compare a page with its current text, or write it if they differ in more than volatile parts."""
    written = file.read_text(encoding="utf-8") if file.exists() else ""
    if WRITES and comparable(written) != comparable(current):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(current, encoding="utf-8")
        written = current
    name = file.relative_to(ROOT)
    assert comparable(written).splitlines() == comparable(current).splitlines(), f"{name} is out of date: {ANEW}"


def with_outputs(text: str, types: Callable[[str], str]) -> str:
    """Return a page whose console sessions show the output of each line; ``types`` runs one."""

    def replayed(match: re.Match[str]) -> str:
        if match["hidden"]:
            types(match["hidden"])
            return match[0]
        shown = "".join(f"$ {line}\n{types(line)}" for line in lines_of(match["shown"]))
        return f"```console\n{shown}```"

    return _RUN.sub(replayed, text)


def with_results(text: str) -> str:
    """Return a page whose Python sessions show what their lines print; they share their names."""
    names: dict[str, Any] = {}
    return PROGRAM.sub(lambda block: f"```pycon\n{_executed(block.group(1), names)}```", text)


def between(text: str, name: str, content: str) -> str:
    """Return a page with new content between the comments that name a generated part."""
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = text.partition(start)
    return f"{before}{start}{content}\n{end}{rest.partition(end)[2]}"


def files_of(text: str) -> dict[str, str]:
    """Return the files that a page holds, by their names."""
    return {item["name"]: item["text"] for item in FILE.finditer(text)}


def lines_of(block: str) -> list[str]:
    """Return the lines that a session types."""
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def _executed(block: str, names: dict[str, Any]) -> str:
    session = ""
    for example in doctest.DocTestParser().get_examples(block):
        first, *rest = example.source.splitlines()
        session += "".join(f"{line}\n" for line in [f">>> {first}", *(f"... {line}" for line in rest)])
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(example.source, "page", "single"), names)  # noqa: S102 - our own examples
        session += "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())
    return session
