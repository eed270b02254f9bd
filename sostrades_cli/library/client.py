"""The client: a server, with the settings and the API key of the command line."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, NoReturn, Self

from sostrades_cli.app import App
from sostrades_cli.clock import SystemClock
from sostrades_cli.errors import UsageError
from sostrades_cli.library.call_scope import CallScope
from sostrades_cli.library.comparison import ComparisonMethods
from sostrades_cli.library.log_messages import logged_notes
from sostrades_cli.library.many_studies import ManyStudies
from sostrades_cli.library.study import Study
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.key_sources import checked
from sostrades_cli.local.keyring_store import SystemKeyring
from sostrades_cli.local.settings import Flags, resolve
from sostrades_cli.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class Client(ManyStudies, ComparisonMethods):
    """A SoSTrades server.

        from sostrades_cli import Client

        study = Client("https://corp.example/sostrades").study(21)
        study.set({"Macro.gamma": 0.25})
        study.run()
        study.chart("Output per year")

    Settings come from the same sources as on the command line, in descending priority: argument, environment
    (``SOSTRADES_HOST``, ``SOSTRADES_API_KEY``, ...), profile in ``config.toml``, default. Without ``key``, the key
    comes from ``SOSTRADES_API_KEY``, ``SOSTRADES_API_KEY_FILE``, the ``key_command`` of the profile, or the store of
    ``sostrades auth login``.

    A client is a context manager. If it is not closed, it is closed at the end of the program. It is not safe to
    share a client between threads.

    Parameters
    ----------
    host
        Address of the server, with or without a path.
    key
        API key. Prefer ``SOSTRADES_API_KEY`` or the keyring to a key in a notebook.
    profile
        Name of a ``[profiles.NAME]`` table of ``config.toml``.
    allow_http
        Allow plain http to other machines than this one.
    read_timeout_s
        Give up if the server sends (almost) nothing for this long, in seconds
        [default: 30; for loading a study 60; for post-processing 300].
    notify
        Function that gets each note as text, such as ``print``. Without it, notes go to the logger ``sostrades``:
        problems (a retried request, stale charts) as warnings, other notes as infos, requests as debug messages.
    runtime
        Environment, clock, keyring and transport, for tests.

    Raises
    ------
    UsageError
        No server address is set, ``profile`` and ``SOSTRADES_HOST`` disagree, the profile does not exist, or a
        setting or the key is invalid.

    """

    def __init__(
        self,
        host: str | None = None,
        *,
        key: str | None = None,
        profile: str | None = None,
        allow_http: bool = False,
        read_timeout_s: float | None = None,
        notify: Callable[[str], None] | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        process = runtime or this_process()
        flags = Flags(host=host, profile=profile, allow_http=allow_http, read_timeout_s=read_timeout_s)
        settings = resolve(flags, process.environ, read_config(Folders(process.environ)))
        # Every method needs the address, even for the cache, so fail in the constructor.
        settings.require_host()
        if key is not None:
            # Replace the key after the environment is read, because the argument has priority.
            settings = settings._replace(api_key=checked(key))
        super().__init__(CallScope(App(process, flags, settings, logged_notes(notify))))

    def __repr__(self) -> str:
        return f"<Client of {self.host}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. Its studies cannot be used afterwards."""
        self._scope.close()

    @property
    def host(self) -> str:
        """Return the address of the server."""
        return self._scope.host

    def study(self, study: int | str) -> Study:
        """Return a study by its number, a link to its page, an alias (``"dice"``) or the name in the cache.

        No request is sent.

        Raises
        ------
        UsageError
            The text is none of these, or several studies have this name.

        """
        return Study(self._scope, self._number(study))


def this_process() -> Runtime:
    """Return the runtime of this process without its streams, because the library neither prompts nor prints."""
    return Runtime(
        environ=os.environ,
        # Empty streams: a library must neither read input nor print.
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        clock=SystemClock(),
        keyring=SystemKeyring(),
        ask_secret=_unavailable,
        open_url=_unavailable,
        edit_file=lambda path: _unavailable(),  # noqa: ARG005 - the name of the argument
        run_program=lambda arguments, variables: _unavailable(),  # noqa: ARG005 - the names of a protocol
    )


def _unavailable(_: str = "") -> NoReturn:
    """Reject a prompt, a browser, an editor or a subprocess, which need a terminal."""
    raise UsageError("the library cannot show a prompt or open a browser", hint="use the command line for this")
