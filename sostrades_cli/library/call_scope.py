"""Scope of a library call: bookkeeping, error texts and cleanup around each method of the library."""

from __future__ import annotations

import contextlib
import weakref
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, Self

from sostrades_cli.app import App
from sostrades_cli.errors import KeyMissing, SostradesError, UsageError
from sostrades_cli.library.interruption import interruptible
from sostrades_cli.library.log_messages import LogMessages
from sostrades_cli.library.process import this_process
from sostrades_cli.library.progress import display, show_nothing
from sostrades_cli.library.python_hints import has_options, in_python
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.credential import ARGUMENT, Credential, checked
from sostrades_cli.local.settings import Flags, resolve
from sostrades_cli.output.text import server_line, visible_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import EllipsisType

    from sostrades_cli.library.progress import Show
    from sostrades_cli.runtime import Runtime

# Stands for a key that another process got as an argument, and that is not copied to this one.
_KEY_ELSEWHERE: Final = ...


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


class _AppWithKey(App):
    """The app of a client whose key was given in code."""

    @cached_property
    def credential(self) -> Credential:
        """Return the key from the settings, where it replaced that of the environment."""
        return Credential(self.settings.api_key or "", ARGUMENT)


def open_scope(
    runtime: Runtime,
    flags: Flags,
    *,
    key: str | EllipsisType | None = None,
    notify: Callable[[str], None] | None = None,
    progress: bool = True,
) -> CallScope:
    """Return the scope of a new client, with the settings of the command line."""
    settings = resolve(flags, runtime.environ, read_config(Folders(runtime.environ)))
    # Every method needs the address, even for the cache, so fail in the constructor.
    settings.require_host()
    if isinstance(key, str):
        # Replace the key after the environment is read, because the argument has priority.
        settings = settings._replace(api_key=checked(key))
    kind: type[App] = App
    if key is not None:
        kind = _AppWithKey if isinstance(key, str) else _AppWithoutKey
    app = kind(runtime, flags, settings, LogMessages(notify))
    return CallScope(app, has_own_key=key is not None, shows_progress=progress)


def _reopened(host: str, profile: str, read_timeout_s: float | None, *, allow_http: bool, had_key: bool) -> CallScope:
    """Return the scope of a client that was pickled in another process. The key comes from the sources of this one."""
    flags = Flags(host=host, profile=profile, read_timeout_s=read_timeout_s, allow_http=allow_http)
    # The bars of several processes would overwrite each other.
    return open_scope(this_process(), flags, key=_KEY_ELSEWHERE if had_key else None, progress=False)


class CallScope:
    """Share one app between a client and its studies, and close it at the end of the program at the latest.

    With ``has_own_key``, the key was given in code. Without ``shows_progress``, no call shows its progress.
    """

    def __init__(self, app: App, *, has_own_key: bool, shows_progress: bool) -> None:
        self._app = app
        self._has_own_key = has_own_key
        self._shows_progress = shows_progress
        self._calls = 0
        # The web links read so far, by study: a notebook shows them without a request.
        self.links: dict[int, str] = {}
        # A finalizer also runs at interpreter exit, so an unclosed client leaks nothing.
        self._finalizer = weakref.finalize(self, app.close)

    @property
    def app(self) -> App:
        """Return the app for access to files on this computer, which needs no call."""
        return self._app

    @property
    def host(self) -> str:
        """Return the address of the server."""
        return self._app.host

    def __reduce__(self) -> tuple[partial[CallScope], tuple[str, str, float | None]]:
        """Pickle the address and the settings of the client. The key is not pickled."""
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
        Interrupted
            Ctrl-C has ended an operation that says what it has left.

        """
        if not self._finalizer.alive:
            raise UsageError("this client is closed", hint="create another Client")
        if not self._calls:
            # A sweep may have begun since the last call.
            self._app.checked.clear()
        self._calls += 1
        try:
            with interruptible(), explained(self._app.notes.redact), self._cached(studies):
                yield self._app
        finally:
            self._calls -= 1
            # Calls nest, as in `run`: an inner call must not remove the temporary files of the outer one.
            if not self._calls:
                self._app.tidy()

    @contextlib.contextmanager
    def progress(self, *, enabled: bool) -> Iterator[Show]:
        """Open the display for progress, unless it is open already, and yield the function that shows it."""
        if not (enabled and self._shows_progress):
            yield show_nothing
            return
        # A call within another, as in a callback for events, must not open a second display.
        self._shows_progress = False
        try:
            with display(self._app.runtime) as show:
                yield show
        finally:
            self._shows_progress = True

    @contextlib.contextmanager
    def _cached(self, studies: Sequence[int]) -> Iterator[None]:
        """Add the studies of a call to the cache, and name the only one in its error."""
        try:
            yield
        except SostradesError as error:
            error.name_study(studies)
            self._app.update_cache(studies, error)
            raise
        self._app.update_cache(studies, None)

    def close(self) -> None:
        """Close the connections. A second call has no effect."""
        self._finalizer()


@contextlib.contextmanager
def explained(redact: Callable[[str], str] = str) -> Iterator[None]:
    """Redact the error of a block, and add its detail, the server's words and its hint as exception notes."""
    try:
        yield
    except SostradesError as error:
        _explain(error, redact)
        raise


def _explain(error: SostradesError, redact: Callable[[str], str]) -> None:
    """Redact an error and its causes, and write their hints for Python; then add exception notes for tracebacks."""
    # Nested calls pass the same error through several scopes.
    if getattr(error, "__notes__", None):
        return
    # A traceback also prints the causes of an error.
    earlier: BaseException | None = error
    while earlier is not None:
        if isinstance(earlier, SostradesError):
            _rewrite(earlier, redact)
        earlier = earlier.__cause__ or earlier.__context__
    # Some options are not arguments of the library.
    introduction = "try (options of the command line)" if has_options(error.hint or "") else "try"
    hint = f"{introduction}: {error.hint}" if error.hint else None
    rest = "the attribute `result` of this error has the incomplete result" if error.result is not None else None
    for text in filter(None, (error.detail, server_line(error.server), hint, rest)):
        error.add_note(visible_lines(text))


def _rewrite(error: SostradesError, redact: Callable[[str], str]) -> None:
    """Remove the API key from the texts of an error, and write its hint in the words of the library."""
    # A server may repeat the key in its error messages.
    error.message = redact(error.message)
    error.args = (error.message,)
    error.detail = redact(error.detail) if error.detail else None
    error.hint = redact(in_python(error.hint)) if error.hint else None
    if error.server is not None:
        error.server = error.server._replace(description=redact(error.server.description))
    for cause in error.causes:
        _rewrite(cause, redact)
