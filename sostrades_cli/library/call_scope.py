"""Scope of a library call: bookkeeping, error texts and cleanup around each method of the library."""

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
    """Share one app between a client and its studies, and close it at the end of the program at the latest."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._calls = 0
        # A finalizer also runs at interpreter exit, so an unclosed client leaks nothing.
        self._finalizer = weakref.finalize(self, app.close)

    @property
    def host(self) -> str:
        """Return the address of the server."""
        return self._app.host

    @contextlib.contextmanager
    def opened(self, *studies: int) -> Iterator[App]:
        """Open the scope of one call on ``studies``, and yield the app.

        At the end, the studies are added to the cache as after a command, temporary files are removed, and an error
        gets its detail, the server's words and its hint as exception notes.

        Raises
        ------
        UsageError
            The client was closed.

        """
        if not self._finalizer.alive:
            raise UsageError("this client is closed", hint="create another Client")
        self._calls += 1
        try:
            yield self._app
        except SostradesError as error:
            error.name_study(studies)
            self._app.update_cache(studies, error)
            _explain(error, self._app.notes.redact)
            raise
        else:
            self._app.update_cache(studies, None)
        finally:
            self._calls -= 1
            # Calls nest, as in `run`: an inner call must not remove the temporary files of the outer one.
            if not self._calls:
                self._app.tidy()

    def close(self) -> None:
        """Close the connections. A second call has no effect."""
        self._finalizer()


def _explain(error: SostradesError, redact: Callable[[str], str]) -> None:
    """Redact an error and its causes, then add detail, server message and hint as exception notes for tracebacks."""
    # Nested calls pass the same error through several scopes.
    if getattr(error, "__notes__", None):
        return
    earlier: BaseException | None = error
    while earlier is not None:
        if isinstance(earlier, SostradesError):
            _redact(earlier, redact)
        earlier = earlier.__cause__ or earlier.__context__
    introduction = "try (options of the command line)" if error.hint and "--" in error.hint else "try"
    hint = f"{introduction}: {error.hint}" if error.hint else None
    rest = "the attribute `result` of this error has the incomplete result" if error.result is not None else None
    for text in filter(None, (error.detail, server_line(error.server), hint, rest)):
        error.add_note(visible_lines(text))


def _redact(error: SostradesError, redact: Callable[[str], str]) -> None:
    """Remove the API key from the texts of an error."""
    # A server may repeat the key in its error messages.
    error.message = redact(error.message)
    error.args = (error.message,)
    error.detail = redact(error.detail) if error.detail else None
    error.hint = redact(error.hint) if error.hint else None
    if error.server is not None:
        error.server = error.server._replace(description=redact(error.server.description))
    for cause in error.causes:
        _redact(cause, redact)
