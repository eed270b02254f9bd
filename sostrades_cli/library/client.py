"""The client: a server, with the settings and the key of the command line."""

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
from sostrades_cli.local.credentials import SystemKeyring, checked
from sostrades_cli.local.settings import Flags, resolve
from sostrades_cli.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class Client(ManyStudies, ComparisonMethods):
    """A SoSTrades server.

    ::

        from sostrades_cli import Client

        study = Client("https://corp.example/sostrades").study(21)
        study.set({"Macro.gamma": 0.25})
        study.run()
        study.chart("Output per year")

    Settings are those of the command line, the strongest first: argument, environment (``SOSTRADES_HOST``,
    ``SOSTRADES_API_KEY``, ...), profile in ``config.toml``, default. The key that ``sostrades auth login`` stored is
    used where none is given; a given one needs no keyring. It is a context manager; who does not close it has it
    closed at the end of the program. One thread at a time may use it.

    Parameters
    ----------
    host
        Address of the server; may carry a path.
    key
        The API key; better in ``SOSTRADES_API_KEY`` or the keyring than in a notebook.
    profile
        Which ``[profiles.NAME]`` of ``config.toml``.
    allow_http
        Allow plain http beyond this machine.
    read_timeout_s
        Longest silence of the server, in seconds: 30, load 60, post-processing 300 unless said.
    notify
        Called with each note, such as ``print``; without it notes go to the logger ``sostrades``: as warnings what did
        not go as it should (a server that is asked again, charts that are stale), the rest as infos, requests as debug.
    outside
        The world to work in, for tests: environment, clock, keyring, transport.

    Raises
    ------
    UsageError
        No server address is known, ``profile`` and ``SOSTRADES_HOST`` name two, there is no such profile, or a setting
        or the key cannot be used.

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
        world = runtime or this_process()
        flags = Flags(host=host, profile=profile, allow_http=allow_http, read_timeout_s=read_timeout_s)
        settings = resolve(flags, world.environ, read_config(Folders(world.environ)))
        settings.require_host()
        if key is not None:
            settings = settings._replace(api_key=checked(key))
        super().__init__(CallScope(App(world, flags, settings, logged_notes(notify))))

    def __repr__(self) -> str:
        return f"<Client of {self.host}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; its studies cannot be used any more."""
        self._door.close()

    @property
    def host(self) -> str:
        """The server's address."""
        return self._door.host

    def study(self, study: int | str) -> Study:
        """Return a study by its number, a link to its page, an alias (``"dice"``), or its own name once it was seen.

        The server is not asked.

        Raises
        ------
        UsageError
            It is none of these, or the name of several studies.

        """
        return Study(self._door, self._number(study))


def this_process() -> Runtime:
    """Return the world of this process, without its streams: a library neither asks nor prints."""
    return Runtime(
        environ=os.environ,
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        clock=SystemClock(),
        keyring=SystemKeyring(),
        ask_secret=_nobody,
        open_url=_nobody,
        run_program=lambda arguments, variables: _nobody(),  # noqa: ARG005 - the names of a protocol
    )


def _nobody(_: str = "") -> NoReturn:
    """Stand for what only a person at a terminal is asked for."""
    raise UsageError("a library asks nobody")
