"""The screen of a terminal with a main and an alternate screen, which pyte does not have."""

from __future__ import annotations

import copy
from typing import Any, Final

import pyte

ALTERNATE: Final = 1049


class TerminalScreen(pyte.HistoryScreen):
    """A screen that is as before when the program leaves the alternate one."""

    def __init__(self, columns: int, lines: int, **options: Any) -> None:
        self._main: tuple[Any, int, int] | None = None
        super().__init__(columns, lines, **options)

    @property
    def is_alternate(self) -> bool:
        """Return whether the alternate screen is shown."""
        return self._main is not None

    def index(self) -> None:
        """Go to the next line. Lines that leave the alternate screen are not kept."""
        if self.is_alternate:
            pyte.Screen.index(self)
        else:
            super().index()

    def set_mode(self, *modes: int, **options: Any) -> None:
        """Show the alternate screen, or set another mode."""
        if ALTERNATE in modes and options.get("private") and self._main is None:
            self._main = (copy.deepcopy(self.buffer), self.cursor.x, self.cursor.y)
            self.erase_in_display(2)
        super().set_mode(*modes, **options)

    def reset_mode(self, *modes: int, **options: Any) -> None:
        """Show the main screen again, or reset another mode."""
        super().reset_mode(*modes, **options)
        if ALTERNATE in modes and options.get("private") and self._main is not None:
            self.buffer, self.cursor.x, self.cursor.y = self._main
            self._main = None
            self.dirty.update(range(self.lines))
