"""A bar as wide as the window allows, with a few words beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST_BAR: Final = 10
GAP: Final = 3


def bar_of(share: float | None, style: str, width: int) -> ProgressBar:
    """Return a bar; without a known ``share`` it is empty."""
    # The default colours of rich are shades of red, which means a failure.
    return ProgressBar(
        1.0, share or 0.0, width=width, style="dim", complete_style=style, finished_style=style, pulse_style=style
    )


def bar_line(share: float | None, words: Sequence[str], style: str, width: int) -> Table:
    """Return a line with a bar, the percentage and words. The last words are left out if the window is narrow."""
    words = [*([percent(share)] if share is not None else []), *filter(None, words)]
    while len(words) > 1 and _room(words, width) < SHORTEST_BAR:
        words.pop()
    text = Text((" " * GAP).join(words), no_wrap=True, overflow="ellipsis")
    line = Table.grid(padding=(0, GAP, 0, 0))
    line.add_row(bar_of(share, style, max(1, _room(words, width))), text)
    return line


def percent(share: float) -> str:
    """Return a share in whole percent, 100 only if it is complete."""
    return f"{int(share * 100):3} %"


def _room(words: Sequence[str], width: int) -> int:
    return width - sum(len(word) + GAP for word in words)
