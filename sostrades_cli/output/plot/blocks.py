"""Block characters, which fill a part of a cell."""

from __future__ import annotations

from typing import Final

EIGHTHS: Final = 8
FULL: Final = "\u2588"
# The lower, and the left part of a cell, from nothing to the whole cell.
LOWER: Final = f" \u2581\u2582\u2583\u2584\u2585\u2586\u2587{FULL}"
LEFT: Final = f" \u258f\u258e\u258d\u258c\u258b\u258a\u2589{FULL}"
# The upper and the right part, of which Unicode has only an eighth and the half.
UPPER: Final = f" \u2594\u2594\u2580\u2580\u2580{FULL}{FULL}{FULL}"
RIGHT: Final = f" \u2595\u2595\u2590\u2590\u2590{FULL}{FULL}{FULL}"
UPPER_HALF, LOWER_HALF = "\u2580", "\u2584"
