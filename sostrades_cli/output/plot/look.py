"""The look of the series of a plot: a colour, or a letter for each."""

from __future__ import annotations

from typing import Final, NamedTuple

from sostrades_cli.output.plot.blocks import FULL
from sostrades_cli.output.plot.colors import color_of
from sostrades_cli.output.plot.model import Shape

_MARKS: Final = "ox+*#@%&=~$svzwknmuae"
# In colour, a dot for the first series. Colours alone do not tell series apart for everybody.
_POINTS: Final = "\u2022x+*#o@%&=~$svzwknmuae"


class Look(NamedTuple):
    """Whether a plot has colours, characters beyond ASCII, and bars of blocks."""

    color: bool
    unicode: bool
    blocks: bool

    @property
    def letters(self) -> str | None:
        """The letters of bars; ``None`` if they are blocks."""
        return None if self.blocks else _MARKS

    def symbol(self, number: int, shape: Shape) -> str:
        """Return plotext's mark of a series: points differ in every series, lines in colour are of fine dots."""
        if shape is Shape.BAR and self.blocks:
            return FULL
        if not self.color:
            return _MARKS[number % len(_MARKS)]
        if shape is Shape.POINTS:
            return _POINTS[number % len(_POINTS)]
        return FULL if shape is Shape.AREA else "braille"

    def painted(self, text: str, number: int) -> str:
        """Return a text in the colour of a series."""
        return f"\x1b[38;5;{color_of(number)}m{text}\x1b[0m" if self.color and text else text
