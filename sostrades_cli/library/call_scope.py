"""Scope of a library call: bookkeeping, error texts and cleanup around each method of the library."""

from __future__ import annotations

import contextlib
import weakref
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, Self

from sostrades_cli.app import App
from sostrades_cli.errors import KeyMissing, SostradesError, UsageError
from sostrades_cli.library.log_messages import logged_notes
from sostrades_cli.library.process import this_process
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.key_sources import checked
from sostrades_cli.local.settings import Flags, resolve
from sostrades_cli.output.text import server_line, visible_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import EllipsisType

    from sostrades_cli.local.key_sources import Credential
    from sostrades_cli.runtime import Runtime

# In place of a key that was given in the code of another process.
_LEFT_BEHIND: Final = ...


class _AppWithoutKey(App):
    """The app of a client from another process, whose key was given in code there."""

    @cached_property
    def credential(self) -> Credential:
        """Raise an error, because any other key could belong to another account."""
        raise KeyMissing(
            f"the key for {self.host} was given as an argument in another process, and is not copied to this one",
            hint="create the Client without `key`: set SOSTRADES_API_KEY for both processes, or run "
            f"`sostrades auth login --host {self.host}` on both computers",
        )


def open_scope(
    runtime: Runtime,
    flags: Flags,
    *,
    key: str | EllipsisType | None = None,
    notify: Callable[[str], None] | None = None,
) -> CallScope:
    """Return the scope of a new client, with the settings of the command line."""
    settings = resolve(flags, runtime.environ, read_config(Folders(runtime.environ)))
    # Every method needs the address, even for the cache, so fail in the constructor.
    settings.require_host()
    if isinstance(key, str):
        # Replace the key after the environment is read, because the argument has priority.
        settings = settings._replace(api_key=checked(key))
    kind = _AppWithoutKey if key is _LEFT_BEHIND else App
    return CallScope(kind(runtime, flags, settings, logged_notes(notify)), has_own_key=key is not None)


def _reopened(host: str, profile: str, read_timeout_s: float | None, *, allow_http: bool, had_key: bool) -> CallScope:
    """Return the scope of a client from another process; the key and all other settings are those of this process."""
    flags = Flags(host=host, profile=profile, read_timeout_s=read_timeout_s, allow_http=allow_http)
    return open_scope(this_process(), flags, key=_LEFT_BEHIND if had_key else None)


class CallScope:
    """Share one app between a client and its studies, and close it at the end of the program at the latest.

    With ``has_own_key``, the key was given in code.
    """

    def __init__(self, app: App, *, has_own_key: bool = False) -> None:
        self._app = app
        self._has_own_key = has_own_key
        self._calls = 0
        # A finalizer also runs at interpreter exit, so an unclosed client leaks nothing.
        self._finalizer = weakref.finalize(self, app.close)

    @property
    def host(self) -> str:
        """Return the address of the server."""
        return self._app.host

    def __reduce__(self) -> tuple[partial[CallScope], tuple[str, str, float | None]]:
        """Return how to open the scope in another process. The key stays here."""
        settings = self._app.settings
        reopened = partial(_reopened, allow_http=settings.allow_http, had_key=self._has_own_key)
        return reopened, (self.host, settings.profile, settings.read_timeout_s)

    def __deepcopy__(self, _: dict[int, object]) -> Self:
        """Return the scope itself: copies of a study in the same process share its connections."""
        return self

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
