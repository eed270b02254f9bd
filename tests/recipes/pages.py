"""Read the pages of recipes: the files they contain, and their sessions with outputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.pages import DOCS, SESSION, check, files_of, lines_of, with_outputs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recipes.workspace import Workspace

RECIPES: Final = DOCS / "recipes"
# What the time of a run, the speed of a machine and the versions of libraries change.
VOLATILE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ|-\d{6})?|\d+\.\d [kM]B|after \d+ s")
ON_THE_WAY: Final = re.compile(r"^~  \d+  (?:PENDING|RUNNING)\n", re.MULTILINE)


def page(name: str) -> str:
    """Return the text of a page."""
    return (RECIPES / f"{name}.md").read_text(encoding="utf-8")


def files(name: str) -> dict[str, str]:
    """Return the files on a page by name."""
    return files_of(page(name))


def write_files(name: str, folder: Path) -> None:
    """Write the files of a page where its reader would."""
    for file, text in files(name).items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def check_sessions(name: str, workspace: Workspace, **environ: str) -> None:
    """Run every line of a page's sessions in bash, and compare its output with the page, or update the page."""

    def types(line: str) -> str:
        done = workspace.runs(line, **environ)
        assert "bug in sostrades" not in done.stdout, done.stdout
        return workspace.as_elsewhere(done.stdout)

    check(RECIPES / f"{name}.md", with_outputs(page(name), types), _stable)


def sessions(name: str) -> Iterator[str]:
    """Yield the lines typed in a page's sessions."""
    for block in SESSION.findall(page(name)):
        yield from lines_of(block)


def _stable(text: str) -> str:
    return ON_THE_WAY.sub("", VOLATILE.sub("~", text))
