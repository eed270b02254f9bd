"""The client: a server, with the settings and the key of the command line."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, Self

from sostrades_cli.app import App, Outside
from sostrades_cli.clock import SystemClock
from sostrades_cli.config import Folders, read_config
from sostrades_cli.credentials import SystemKeyring
from sostrades_cli.errors import UsageError
from sostrades_cli.library.door import Door
from sostrades_cli.library.notes import logged_notes
from sostrades_cli.library.part import shown
from sostrades_cli.library.study import Study
from sostrades_cli.operations.addressing import side, study_number
from sostrades_cli.operations.snapshots.comparing import compare
from sostrades_cli.operations.snapshots.showing import difference_rows
from sostrades_cli.operations.snapshots.sides import take_side
from sostrades_cli.operations.tolerance import Tolerance
from sostrades_cli.settings import Flags, aliases_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    import pandas as pd

SIDES: Final = ("a", "b")


class Client:
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
        No server address is known, or a setting cannot be used.

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
        outside: Outside | None = None,
    ) -> None:
        world = outside or this_process()
        flags = Flags(host=host, profile=profile, allow_http=allow_http, read_timeout_s=read_timeout_s)
        settings = resolve(flags, world.environ, read_config(Folders(world.environ)))
        settings.require_host()
        if key is not None:
            settings = settings._replace(api_key=key)
        self._door = Door(App(world, flags, settings, logged_notes(notify)))

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
        """Return a study by its number, an alias (``"dice"``), or a link to its page; the server is not asked.

        Raises
        ------
        UsageError
            It is none of these.

        """
        return Study(self._door, self._number(study))

    def diff(
        self,
        a: int | str | Path | Study,
        b: int | str | Path | Study,
        *,
        match: str | None = None,
        outputs: bool = False,
        rtol: float = 0.0,
        atol: float = 0.0,
    ) -> pd.DataFrame:
        """Compare the inputs of two studies, or of folders that studies were exported into.

        ``a`` and ``b`` are studies as ``study`` takes them, or folders: ``Path("dice")``, ``"./dice"``. ``match``
        chooses names by a glob or a text in them; ``outputs`` are compared, too, where both sides have them. Numbers
        are the same if ``abs(a - b) <= max(rtol * max(abs(a), abs(b)), atol)``.

        Returns a DataFrame with a row for each parameter that differs: ``key`` (without the study's own name),
        ``type``, ``a``, ``b`` (Python objects; a table in short), ``difference`` (where a table or a nested value
        differs). ``attrs["note"]`` says how many were compared, and which could not be.
        """
        with self._door.opened() as app:
            sides = [take_side(self._side(one), lambda: app.server, outputs=outputs) for one in (a, b)]
            found = compare(sides[0], sides[1], Tolerance(rtol, atol))
            if found.not_compared:
                app.notes.warning(f"not compared, since they could not be read: {', '.join(found.not_compared)}")
            return shown(app, difference_rows(found, match, exit_code=False), objects=SIDES)

    def _number(self, study: int | str) -> int:
        """Return the number of a study, as the command line reads it."""
        try:
            return study_number(str(study), self._aliases)
        except ValueError as error:
            raise UsageError(str(error)) from None

    def _side(self, one: int | str | Path | Study) -> int | Path:
        if isinstance(one, Path):
            return one.expanduser()
        if isinstance(one, Study):
            return one.number
        try:
            return side(str(one), self._aliases)
        except ValueError as error:
            raise UsageError(str(error)) from None

    def _aliases(self) -> Mapping[str, int]:
        with self._door.opened() as app:
            return aliases_of(read_config(app.folders), app.settings.profile)


def this_process() -> Outside:
    """Return the world of this process, without its streams: a library neither asks nor prints."""
    return Outside(
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
