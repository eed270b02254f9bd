"""How the series of a plot are told apart: by colour, or by a letter for each."""

from __future__ import annotations

from typing import Final, NamedTuple

from sostrades_cli.output.plot.blocks import FULL
from sostrades_cli.output.plot.colors import color_of

_MARKS: Final = "ox+*#@%&=~$svzwknmuae"


class Look(NamedTuple):
    """Whether a plot has colours, characters beyond ASCII, and bars of blocks."""

    color: bool
    unicode: bool
    blocks: bool

    @property
    def letters(self) -> str | None:
        """The letters of bars; ``None`` if they are blocks."""
        return None if self.blocks else _MARKS

    def symbol(self, number: int, shape: str) -> str:
        """Return plotext's mark of a series: fine dots in colour, otherwise a letter."""
        if shape == "bar" and self.blocks:
            return FULL
        if not self.color:
            return _MARKS[number % len(_MARKS)]
        return {"area": FULL, "points": "\u2022"}.get(shape, "braille")

    def painted(self, text: str, number: int) -> str:
        """Return a text in the colour of a series."""
        return f"\x1b[38;5;{color_of(number)}m{text}\x1b[0m" if self.color and text else text
