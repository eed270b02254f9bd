"""The pages of recipes: the files that they hold, and the sessions whose outputs they show."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recipes.place import Place

ROOT: Final = Path(__file__).parents[2]
RECIPES: Final = ROOT / "docs" / "recipes"
WRITES: Final = bool(os.environ.get("SOSTRADES_WRITE_README"))
ANEW: Final = "SOSTRADES_WRITE_README=1 .venv/bin/pytest -q -n 0 -m 'slow or not slow' tests/recipes writes it"
# A line with nothing but a name stands before the block that is the file of this name.
FILE: Final = re.compile(r"^`(?P<name>[^`\n]+)`\n\n```\w+\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
SESSION: Final = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# What the time of a run, the speed of a machine and the versions of libraries change.
VOLATILE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ|-\d{6})?|\d+\.\d [kM]B|after \d+ s")
ON_THE_WAY: Final = re.compile(r"^~  \d+  (?:PENDING|RUNNING)\n", re.MULTILINE)


def page(name: str) -> str:
    """Return the text of a page."""
    return (RECIPES / f"{name}.md").read_text(encoding="utf-8")


def files(name: str) -> dict[str, str]:
    """Return the files that a page holds, by their names."""
    return {found["name"]: found["text"] for found in FILE.finditer(page(name))}


def write_files(name: str, folder: Path) -> None:
    """Write the files of a page where its reader would."""
    for file, text in files(name).items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def check_sessions(name: str, place: Place, **environ: str) -> None:
    """Run every line of a page's sessions, and compare what it prints with what the page shows, or write it anew."""
    true = SESSION.sub(lambda block: f"```console\n{_replayed(block.group(1), place, environ)}```", page(name))
    if WRITES:
        (RECIPES / f"{name}.md").write_text(true, encoding="utf-8")
    assert _lasting(page(name)).splitlines() == _lasting(true).splitlines(), f"{name}.md is out of date: {ANEW}"


def sessions(name: str) -> Iterator[str]:
    """Yield the lines that a page's sessions type."""
    for block in SESSION.findall(page(name)):
        yield from (line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ "))


def _replayed(block: str, place: Place, environ: dict[str, str]) -> str:
    typed = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
    seen = ""
    for line in typed:
        done = place.runs(line, **environ)
        assert "bug in sostrades" not in done.stdout, done.stdout
        seen += f"$ {line}\n{place.as_elsewhere(done.stdout)}"
    return seen


def _lasting(text: str) -> str:
    """Return a text without what differs from one run to the next."""
    return ON_THE_WAY.sub("", VOLATILE.sub("~", text))
