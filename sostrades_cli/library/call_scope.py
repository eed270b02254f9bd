"""The one door of the library: every call goes in and out here."""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING

from sostrades_cli.errors import SostradesError, UsageError
from sostrades_cli.output.text import server_line, visible_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sostrades_cli.app import App


class CallScope:
    """What a client and its studies work with; it closes with the program, if nobody closes it before."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._calls = 0
        self._closing = weakref.finalize(self, app.close)

    @property
    def host(self) -> str:
        """The server's address."""
        return self._app.host

    @contextlib.contextmanager
    def opened(self, *studies: int) -> Iterator[App]:
        """Let one call work, of ``studies``: they are remembered as a command's would be.

        Its files on the way go with it, and its error says all that it knows.

        Raises
        ------
        UsageError
            The client was closed.

        """
        if not self._closing.alive:
            raise UsageError("this client is closed", hint="make another one")
        self._calls += 1
        try:
            yield self._app
        except SostradesError as error:
            self._app.remember(studies, error)
            _explain(error, self._app.notes.hidden)
            raise
        else:
            self._app.remember(studies, None)
        finally:
            self._calls -= 1
            if not self._calls:
                self._app.tidy()

    def close(self) -> None:
        """Close the connections; a second time does nothing."""
        self._closing()


def _explain(error: SostradesError, hidden: Callable[[str], str]) -> None:
    """Add to an error what a traceback is to show of it, as the command line shows it, once; no key is in it."""
    if getattr(error, "__notes__", None):
        return
    earlier: BaseException | None = error
    while earlier is not None:
        if isinstance(earlier, SostradesError):
            _hide(earlier, hidden)
        earlier = earlier.__cause__ or earlier.__context__
    said = "try, as on the command line" if error.hint and "--" in error.hint else "try"
    hint = f"{said}: {error.hint}" if error.hint else None
    rest = "what there is all the same is the error's result" if error.result is not None else None
    for text in filter(None, (error.detail, server_line(error.server), hint, rest)):
        error.add_note(visible_lines(text))


def _hide(error: SostradesError, hidden: Callable[[str], str]) -> None:
    """Take the key out of what an error says: a server may repeat it."""
    error.message = hidden(error.message)
    error.args = (error.message,)
    error.detail = hidden(error.detail) if error.detail else None
    error.hint = hidden(error.hint) if error.hint else None
    if error.server is not None:
        error.server = error.server._replace(description=hidden(error.server.description))
