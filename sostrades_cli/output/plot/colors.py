"""Colours of plots, as numbers of the 256 colours of terminals."""

from __future__ import annotations

from typing import Final

# Of medium lightness, so that each can be told from a light and from a dark background.
COLORS: Final = (33, 202, 34, 135, 172, 37, 161, 99, 64, 169, 245, 30)
# From dark blue over green to yellow, which is readable for colour-blind people, too.
RAMP: Final = (17, 18, 54, 61, 25, 31, 30, 36, 35, 71, 107, 149, 185, 227)
_LIGHT: Final = 7  # from this step of the ramp on, dark text is readable
_BLACK, _WHITE = 16, 231


def color_of(number: int) -> int:
    """Return the colour of a series."""
    return COLORS[number % len(COLORS)]


def step_of(value: float, low: float, high: float, count: int) -> int:
    """Return which of some equal steps between two numbers a value is in."""
    # Halves, because the distance of two very large numbers would be infinite.
    distance = high / 2 - low / 2
    return min(count - 1, int((value / 2 - low / 2) / distance * count)) if distance > 0 else count // 2


def text_color(step: int) -> int:
    """Return the colour of a text on a step of the ramp."""
    return _BLACK if step >= _LIGHT else _WHITE
