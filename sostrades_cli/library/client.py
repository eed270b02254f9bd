"""The client: a server, with the settings and the API key of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sostrades_cli.library.call_scope import explained, open_scope
from sostrades_cli.library.comparison import ComparisonMethods
from sostrades_cli.library.many_studies import ManyStudies
from sostrades_cli.library.process import this_process
from sostrades_cli.library.study import Study
from sostrades_cli.local.settings import Flags
from sostrades_cli.output.html_card import card

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sostrades_cli.runtime import Runtime


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
    share a client between threads. A client and its studies can be pickled for other processes, as joblib and dask do
    it. The key is not in the pickle: the other process looks it up as above. A ``key`` that was given here is therefore
    missing there (``KeyMissing``). Notes go to the logger there.

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
        problems (a retried request, stale charts, outdated outputs) as warnings, other notes as infos, requests as
        debug messages.
    progress
        Show the progress of long calls in terminals and notebooks. Nothing is shown elsewhere.
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
        progress: bool = True,
        runtime: Runtime | None = None,
    ) -> None:
        flags = Flags(host=host, profile=profile, allow_http=allow_http, read_timeout_s=read_timeout_s)
        # Call scopes add detail and hint to errors. The first one is only being opened here.
        with explained():
            super().__init__(open_scope(runtime or this_process(), flags, key=key, notify=notify, progress=progress))

    def __repr__(self) -> str:
        return f"<Client of {self.host}>"

    def _repr_html_(self) -> str:
        """Return the server, the profile and the number of known studies for a notebook, without a request."""
        app = self._scope.app
        studies = str(len(app.cache.studies()))
        rows = [("profile", app.settings.profile), ("studies used on this computer", studies)]
        return card(f"SoSTrades server {self.host}", rows)

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
