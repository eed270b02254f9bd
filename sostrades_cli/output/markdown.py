"""Tables as Markdown, in the dialect of GitHub and GitLab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TextIO

from sostrades_cli.output.text import kind_of_number, plain, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.output.results import Rows

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# Punctuation with a meaning inside a line. An underscore within a word and a bracket without a link have none.
_MARKUP: Final = re.compile(r"[\\`*<|~$]|(?<!\w)_|_(?!\w)|\](?=[(\[])|&(?=#?\w+;)")


def write_markdown(result: Rows, target: TextIO) -> None:
    """Write whole cells; columns of numbers are right-aligned."""
    numbers = [_is_numeric([row[number] for row in result.rows]) for number in range(len(result.columns))]
    target.write(_line(list(map(cell_text, result.columns))))
    target.write(_line(["---:" if is_number else "---" for is_number in numbers]))
    target.writelines(_line([cell_text(plain(cell)) for cell in row]) for row in result.rows)


def cell_text(text: str) -> str:
    """Return a text in one line without meaning for Markdown; line ends become ``<br>``."""
    return "<br>".join(_MARKUP.sub(r"\\\g<0>", visible(line)) for line in _LINE_END.split(text))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _is_numeric(cells: Sequence[object]) -> bool:
    present = [cell for cell in cells if cell is not None]
    return bool(present) and all(map(kind_of_number, present))
