"""A view on the alternate screen of the terminal, which is left while the program is suspended."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from rich.live import Live

from sostrades_cli.system import in_foreground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from sostrades_cli.output.messages import Messages

REFRESH_HZ: Final = 4


@contextlib.contextmanager
def full_screen(view: RenderableType, console: Console, notes: Messages) -> Iterator[FullScreen]:
    """Show a view while the block runs, except while ``notes`` leave the terminal. Then the screen is as before.

    The terminal does not rearrange the lines of the alternate screen when its size changes, and they do not scroll.
    So a resized window never shows parts of an older view.
    """
    screen = FullScreen(view, console)
    try:
        screen.show()
        notes.screens.append(screen)
        yield screen
    finally:
        notes.screens.clear()
        screen.hide()


class FullScreen:
    """A view that can be hidden and shown again."""

    def __init__(self, view: RenderableType, console: Console) -> None:
        self._view = view
        self._console = console
        self._live: Live | None = None

    def show(self) -> None:
        """Show the view, unless it is shown already or the program runs in the background."""
        if self._live is not None or not in_foreground(self._console.file):
            return
        # Only rich's thread draws: a signal could interrupt this thread within a frame.
        self._live = Live(
            self._view,
            console=self._console,
            screen=True,
            transient=True,  # where there is no alternate screen
            refresh_per_second=REFRESH_HZ,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def hide(self) -> None:
        """Restore the screen and the cursor."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()
