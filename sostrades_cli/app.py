"""App: everything that a command needs. It has the runtime and the settings, and builds the API on first use."""

from __future__ import annotations

import contextlib
import os
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import (
    Different,
    NeverRan,
    NoStudy,
    RunActive,
    RunFailed,
    RunLost,
    WaitTimeout,
)
from sostrades_cli.files.file_formats import format_of
from sostrades_cli.local.config_file import Folders, journal_file, read_config
from sostrades_cli.local.credential import from_variable
from sostrades_cli.local.settings import file_of
from sostrades_cli.redaction import forms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.api.client import Api
    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.http.transport import Connection
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.local.cache import StudyCache
    from sostrades_cli.local.credential import Credential
    from sostrades_cli.local.key_origin import KeyOrigin
    from sostrades_cli.local.key_sources import KeySources
    from sostrades_cli.local.settings import Flags, Settings
    from sostrades_cli.operations.context import Context
    from sostrades_cli.output.messages import Messages
    from sostrades_cli.runtime import Runtime


# Success, and the errors that also prove that the study exists.
_EXISTS: Final = type(None) | RunFailed | Different | WaitTimeout | RunActive | RunLost | NeverRan


class App:
    """The objects that a command needs, built on first use."""

    def __init__(self, runtime: Runtime, flags: Flags, settings: Settings, notes: Messages) -> None:
        self.runtime = runtime
        self.flags = flags
        self.settings = settings
        self.notes = notes
        self._sessions: list[Session] = []
        # The studies that this command, or this call of the library, has checked for the values of a case.
        self.checked: set[int] = set()
        self._noted: set[str] = set()
        # The error of something beside the result, such as a report. It ends the command after its result.
        self.deferred: SostradesError | None = None

    def with_settings(self, settings: Settings) -> App:
        """Return an App with other settings; each of the two closes the sessions of both."""
        app = App(self.runtime, self.flags, settings, self.notes)
        app._sessions = self._sessions
        return app

    def defer(self, error: SostradesError) -> None:
        """Keep an error until the result is written."""
        self.deferred = error

    @cached_property
    def folders(self) -> Folders:
        """The tool's own folders."""
        return Folders(self.runtime.environ)

    @cached_property
    def host(self) -> str:
        """The server's address."""
        return self.settings.require_host()

    @property
    def format(self) -> str:
        """The format of the result of the command."""
        return self.format_for(self.flags.output)

    def format_for(self, output: Path | None) -> str:
        """Return the format of a result, from the options or its file; else table on a terminal, and tsv elsewhere."""
        file = file_of(output)
        if self.flags.format is not None:
            return self.flags.format
        selected = format_of(file) if file else None
        if selected is not None:
            return selected
        if self.flags.query is not None:
            return "json"
        on_terminal = self.runtime.stdout.isatty() and file is None
        return self.settings.format or ("table" if on_terminal else "tsv")

    @cached_property
    def aliases(self) -> dict[str, int]:
        """The aliases of the profile in use, unless it belongs to another server than the one in use."""
        from sostrades_cli.local.aliases import usable_aliases

        return usable_aliases(read_config(self.folders), self.settings.profile, self.settings.host)

    @property
    def for_people(self) -> bool:
        """Return whether the result is a table to read. JSON and parquet keep the API's own values."""
        return self.flags.query is None and self.format in {"table", "tsv", "csv", "md", "xlsx"}

    @property
    def shows_results(self) -> bool:
        """Return whether the user wants to see the result: on a terminal, in a format, or in a file."""
        return self.format != "tsv" or self.flags.format is not None or self.flags.output is not None

    @property
    def key_sources(self) -> KeySources:
        """The sources of the key for the profile and its server."""
        from sostrades_cli.local.key_files import StoredKeys
        from sostrades_cli.local.key_sources import KeySources
        from sostrades_cli.local.keyring_entry import KeyringEntry

        # Not cached: `auth login` in another window may store a key while a program of the library runs.
        return KeySources(
            KeyringEntry(self.settings.profile, self.host),
            self.runtime.keyring,
            StoredKeys(self.folders),
            self.runtime.environ,
            self.settings.api_key,
            self.settings.key_file,
            self.settings.key_command,
        )

    @cached_property
    def credential(self) -> Credential:
        """The key for the server."""
        # The variable beats all other sources, so their code is not needed.
        return from_variable(self.settings.api_key) if self.settings.api_key else self.key_sources.find()

    @cached_property
    def api(self) -> Api:
        """The API, with the key."""
        return self.connect(self.host, self.credential)

    @cached_property
    def cache(self) -> StudyCache:
        """The cache of the server."""
        from sostrades_cli.local.cache import StudyCache

        return StudyCache(self.folders, self.host)

    @cached_property
    def context(self) -> Context:
        """Everything that operations need."""
        from sostrades_cli.files.temporary import TempFolder
        from sostrades_cli.operations.context import Context

        notes, clock, state = self.notes, self.runtime.clock, self.folders.state
        return Context(
            self.api,
            self.cache,
            clock,
            notes.notify,
            state,
            TempFolder(),
            set(),
            notes.inform,
            self.waiting,
            notes.still_waiting,
            self._show_log if notes.ci is not None and notes.has_groups else None,
            self.checked.update,
            notes.warn_of_result,
            self._notify_once,
        )

    def _notify_once(self, subject: str, text: str) -> None:
        if subject not in self._noted:
            self._noted.add(subject)
            self.notes.notify(text)

    def _check_values(self, study: int) -> None:
        """Say before the first read of a study that it has the values of a case, not its own."""
        if study in self.checked:
            return
        self.checked.add(study)
        # Without a journal no case was set. A home may be closed to its own account, and Path.exists would fail there.
        if not os.path.exists(journal_file(self.folders.state, self.host, study)):  # noqa: PTH110
            return
        from sostrades_cli.local.journal import Journal

        # Not the context: the API in it may belong to another session than this read.
        if not Journal(self.folders.state, self.host, study).may_have_begun():
            return
        from sostrades_cli.operations.case_values import case_values

        values = case_values(self.folders.state, self.host, study)
        if values is not None and not values.is_of_this_process:
            self.notes.warning(values.note)

    def _show_log(self, name: str, title: str, text: str) -> None:
        self.notes.group(name, title, text, self.runtime.clock.now())

    @cached_property
    def waiting(self) -> Callable[[str], AbstractContextManager[object]]:
        """The function that shows what the command waits for while a block runs."""
        return contextlib.nullcontext if self.notes.spinner is None else self.notes.waiting

    def update_cache(self, studies: Sequence[int], error: SostradesError | None) -> None:
        """Add the studies of an answered command to the cache, and remove those that the server no longer has."""
        # Without a session the server confirmed nothing.
        if not self._sessions:
            return
        failures = (error.causes or (error,)) if error is not None else ()
        for failure in failures:
            # A deleted study must not stay in completion and `study list`.
            if isinstance(failure, NoStudy) and failure.study is not None:
                self.cache.forget(failure.study)
        # If each failure belongs to one of several studies, the others were successful.
        by_study: dict[int | None, SostradesError | None] = {failure.study: failure for failure in failures}
        if len(studies) == 1 or not by_study.keys() <= set(studies):
            by_study = dict.fromkeys(studies, error)
        for study in studies:
            if isinstance(by_study.get(study), _EXISTS):
                self.cache.mark_used(study)

    def connect(self, host: str, credential: Credential | None) -> Api:
        """Open a session with a key, and redact its forms in all messages; ``close`` closes it."""
        from sostrades_cli.api.client import Api
        from sostrades_cli.api.http.session import Session

        forms = credential.forms() if credential is not None else ()
        # Before the first request: the error of a connection may repeat a header.
        self.notes.secrets.update(*map(forms_of, forms))
        trace = self.notes.trace if self.notes.verbose else None
        connection, notify = self.connection(host, credential), self.notes.notify
        session = Session(connection, self.runtime.clock, notify, trace, self.waiting, self._check_values)
        self._sessions.append(session)
        return Api(session, self.cache.store_name)

    def connection(self, host: str, credential: Credential | None) -> Connection:
        """Return the parameters of a session."""
        from sostrades_cli.api.http.transport import Connection

        return Connection(
            host,
            credential.forms() if credential is not None else (),
            ca_bundle=self.settings.ca_bundle,
            ca_source=self.settings.ca_source,
            key_log=self.settings.key_log,
            client_cert=self.settings.client_cert,
            client_key=self.settings.client_key,
            read_timeout_s=self.settings.read_timeout_s,
            transport=self.runtime.transport,
            key_origin=None if credential is None else lambda: self._origin_of(credential, host),
        )

    @property
    def has_written(self) -> bool:
        """Return whether the command has sent a change, or at least tried to."""
        return any(session.has_written for session in self._sessions)

    def _origin_of(self, credential: Credential, host: str) -> KeyOrigin:
        from sostrades_cli.local.key_origin import origin_of
        from sostrades_cli.local.keyring_entry import KeyringEntry

        return origin_of(credential.source, KeyringEntry(self.settings.profile, host), self.settings.key_file)

    def tidy(self) -> None:
        """Remove temporary files."""
        # A context that was never used must not be built only to be cleaned up.
        if "context" in self.__dict__ and self.context.temp_folder.folder is not None:
            self.context.temp_folder.close()

    def close(self) -> None:
        """Close all sessions, and remove the spinner and temporary files."""
        if self.notes.spinner is not None:
            self.notes.spinner.close()
        for session in self._sessions:
            session.close()
        self.tidy()
