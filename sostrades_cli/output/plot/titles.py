"""The titles of axes in one line below a plot. A title that is too long is cut before its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.output.text_width import cells, fitted

if TYPE_CHECKING:
    from sostrades_cli.output.plot.model import Plot, PlotAxis

# Between two titles.
_GAP: Final = 2
# The shortest name that says something: a letter and an ellipsis.
_SHORTEST_NAME: Final = 2


class Titles(NamedTuple):
    """The titles of the axes as they are shown."""

    x: str
    y: str
    right: str


def titles_of(plot: Plot, width: int) -> Titles:
    """Return the titles below a plot, where that of x is centred. Short titles leave their room to the others."""
    longest = max(cells(fitted(axis.title, width)) for axis in (plot.y, plot.right))
    x = fitted_title(plot.x, max(width // 3, width - 2 * (longest + _GAP)))
    room = max(width // 4, (width - cells(x)) // 2 - _GAP)
    return Titles(x, fitted_title(plot.y, room), fitted_title(plot.right, room))


def fitted_title(axis: PlotAxis, most: int) -> str:
    """Return the title of an axis of at most ``most`` columns, with its unit if that has room."""
    unit = fitted(f"[{axis.unit}]", most) if axis.unit else ""
    room = most - cells(unit) - 1
    whole = fitted(axis.title, most)
    if not unit or whole.endswith(unit) or room < _SHORTEST_NAME:
        return whole
    return f"{fitted(axis.title.removesuffix(f'[{axis.unit}]').rstrip(), room)} {unit}"
