"""A view on the alternate screen of the terminal, which is left while the program is suspended."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING, Final

from rich.live import Live

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from rich.console import Console, RenderableType

REFRESH_HZ: Final = 4


@contextlib.contextmanager
def full_screen(view: RenderableType, console: Console) -> Iterator[FullScreen]:
    """Show a view while the block runs. Then the screen is as before.

    The terminal does not rearrange the lines of the alternate screen when its size changes, and they do not scroll.
    So a resized window never shows parts of an older view.
    """
    screen = FullScreen(view, console)
    try:
        screen.show()
        with _on_suspend(screen):
            yield screen
    finally:
        screen.hide()


class FullScreen:
    """A view that can be hidden and shown again."""

    def __init__(self, view: RenderableType, console: Console) -> None:
        self._view = view
        self._console = console
        self._live: Live | None = None

    def show(self) -> None:
        """Show the view, unless it is shown already or the program runs in the background."""
        if self._live is not None or not _in_foreground(self._console):
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


@contextlib.contextmanager
def _on_suspend(screen: FullScreen) -> Iterator[None]:
    """Hide the view before Ctrl-Z stops the program, and show it again when the program continues."""
    # Only POSIX has this signal. A shell without job control ignores it, and so must its commands.
    number = getattr(signal, "SIGTSTP", None)
    is_main = threading.current_thread() is threading.main_thread()
    if number is None or not is_main or signal.getsignal(number) is signal.SIG_IGN:
        yield
        return

    def suspend(_: int, __: FrameType | None) -> None:
        # A second Ctrl-Z must not interrupt this one.
        signal.signal(number, signal.SIG_IGN)
        screen.hide()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # the program stops here, until `fg` or `bg`
        signal.signal(number, signal.SIG_IGN)
        screen.show()
        signal.signal(number, suspend)

    before = signal.signal(number, suspend)
    try:
        yield
    finally:
        signal.signal(number, before)


def _in_foreground(console: Console) -> bool:
    """Return whether the program owns its terminal. In the background, it must not draw over the user's prompt."""
    if not hasattr(os, "tcgetpgrp"):  # Windows has no jobs
        return True
    try:
        return os.tcgetpgrp(console.file.fileno()) == os.getpgrp()
    except OSError:
        return True
