"""App: the one value that a command gets. It holds the outside world, and builds the API on first use."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import Different, NoStudy, RunFailed, UsageError, WaitTimeout
from sostrades_cli.files.file_formats import FILE_FORMATS, ending_of
from sostrades_cli.files.temporary import TempFolder
from sostrades_cli.local import credentials
from sostrades_cli.local.config_file import Folders, read_config
from sostrades_cli.local.settings import aliases_of
from sostrades_cli.redaction import forms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sostrades_cli.api.client import Api
    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.http.transport import Connection
    from sostrades_cli.api.models import RunStatus
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.local.cache import StudyCache
    from sostrades_cli.local.credentials import Credential
    from sostrades_cli.local.settings import Flags, Settings
    from sostrades_cli.local.settings_sources import SettingSource
    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.notify import NotifyOptions
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.doctor.run import DoctorInputs
    from sostrades_cli.operations.param.plan import Plan
    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.results import Events
    from sostrades_cli.runtime import Runtime

LONGEST_SILENCE_S: Final = 15.0


@dataclass(frozen=True)
class App:
    """What a command works with."""

    runtime: Runtime
    flags: Flags
    settings: Settings
    notes: Messages
    _sessions: list[Session] = field(default_factory=list)
    _scratch: TempFolder = field(default_factory=TempFolder)

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
        """The format of the result: as asked, or as its file is called; else a table on a terminal, tsv elsewhere."""
        if self.flags.format is not None:
            return self.flags.format
        ending = ending_of(self.flags.output) if self.flags.output else ""
        if ending in FILE_FORMATS:
            return ending
        if self.flags.query is not None:
            return "json"
        on_terminal = self.runtime.stdout.isatty() and (self.flags.output is None or str(self.flags.output) == "-")
        return self.settings.format or ("table" if on_terminal else "tsv")

    @cached_property
    def aliases(self) -> dict[str, int]:
        """The names for studies of the profile in use."""
        return aliases_of(read_config(self.folders), self.settings.profile)

    @property
    def draws(self) -> bool:
        """Return whether a chart is to be drawn: unless a format of data is asked for, or a part of them."""
        if self.flags.query is not None:
            return False
        return self.format == "table" or (self.settings.format is None and not self.asked)

    @property
    def asked(self) -> bool:
        """Return whether someone looks: at a terminal, or by asking for a format or a file."""
        return self.format != "tsv" or self.flags.format is not None or self.flags.output is not None

    def open_file(self, file: Path) -> None:
        """Open a file in the browser; where there is none, say so: the file is there all the same."""
        if not self.runtime.open_url(file.resolve().as_uri()):
            self.notes.warning(f"no browser could be opened: open {file} by hand")

    def results_file(self) -> Path:
        """Return the file of ``-o``, for a command whose result is too dear to be lost.

        Raises
        ------
        UsageError
            There is none, its name asks for no format of a table, or what writes it is not installed.

        """
        from sostrades_cli.operations.calc.sweep.results import results_file  # noqa: PLC0415 - start-up

        file = results_file(self.flags.output)
        if self.format == "parquet":
            from sostrades_cli.output.parquet import check_parquet  # noqa: PLC0415 - start-up: for this format only

            check_parquet()
        return file

    @property
    def key_entry(self) -> credentials.KeyringEntry:
        """Where the keyring has the key of this profile for this server."""
        return credentials.KeyringEntry(self.settings.profile, self.host)

    @cached_property
    def credential(self) -> Credential:
        """The key for the server."""
        return credentials.find(self.key_entry, self.settings.api_key, self.runtime.keyring)

    @cached_property
    def api(self) -> Api:
        """The API, with the key."""
        return self.connect(self.host, self.credential.forms())

    @cached_property
    def cache(self) -> StudyCache:
        """What was seen of the server."""
        from sostrades_cli.local.cache import StudyCache  # noqa: PLC0415 - start-up: not for settings

        return StudyCache(self.folders, self.host)

    @cached_property
    def context(self) -> Context:
        """The server as operations see it."""
        from sostrades_cli.local.unread_changes import UnreadChanges  # noqa: PLC0415
        from sostrades_cli.operations.context import Context  # noqa: PLC0415 - start-up: commands that do one request need none

        notes, clock, state = self.notes, self.runtime.clock, self.folders.state
        unread = UnreadChanges(state, self.host)
        return Context(self.api, self.cache, clock, notes.remark, state, self._scratch, unread, notes.note)

    def remember(self, studies: Iterable[int], error: SostradesError | None) -> None:
        """Remember the studies of a command that the server answered; forget one that it has no more."""
        if not self._sessions:
            return
        if isinstance(error, NoStudy) and error.study is not None:
            self.cache.forget(error.study)
        elif error is None or isinstance(error, RunFailed | Different | WaitTimeout):
            for study in studies:
                self.cache.saw(study)

    def warn_of_fault(self) -> None:
        """Say why settings cannot be used, in a command that works without."""
        if (fault := self.settings.fault) is not None:
            self.notes.warning(f"{fault.message}: {fault.hint}" if fault.hint else fault.message)

    def explain(self, key: str) -> list[SettingSource]:
        """Return the sources of a setting, as they are now."""
        from sostrades_cli.local.settings_sources import explain  # noqa: PLC0415 - start-up

        return explain(key, self.flags, self.runtime.environ, read_config(self.folders), self.folders)

    def sources(self) -> list[SettingSource]:
        """Return every source of every setting; none where config.toml cannot be read."""
        from sostrades_cli.local.settings import SETTINGS  # noqa: PLC0415 - start-up

        with contextlib.suppress(UsageError):
            return [source for key in SETTINGS for source in self.explain(key)]
        return []

    def watch(
        self,
        studies: Sequence[int],
        options: WatchOptions,
        notify_options: NotifyOptions,
        first: RunStatus | None = None,
    ) -> Events:
        """Watch runs; ``first`` is the state that the server gave when it accepted the start of the only one."""
        from sostrades_cli.operations.calc.notify import announced  # noqa: PLC0415 - start-up
        from sostrades_cli.operations.calc.watch import study_names, watch  # noqa: PLC0415
        from sostrades_cli.output.results import Events  # noqa: PLC0415

        events = watch(self.context, studies, options, first)
        told = announced(events, notify_options, self.runtime.run_program, self.notes.ring, self.notes.warning)
        silence_s = max(LONGEST_SILENCE_S, 2 * (options.interval_s or 0.0))
        return Events(told, study_names(self.context, studies), silence_s, studies)

    def confirm(self, plan: Plan) -> None:
        """Ask the user whether a plan is to be carried out."""
        from sostrades_cli.operations.param.confirm import confirm  # noqa: PLC0415 - start-up

        confirm(plan, self.runtime.stdin, self.runtime.stderr)

    @property
    def around(self) -> DoctorInputs:
        """What is between this command and its server, to be looked at."""
        from sostrades_cli.api.http.network_probe import SystemNetwork  # noqa: PLC0415 - start-up: for doctor only
        from sostrades_cli.local.settings_sources import holding  # noqa: PLC0415
        from sostrades_cli.operations.doctor.run import DoctorInputs  # noqa: PLC0415

        source = holding(self.explain("host")) if self.settings.fault is None else None
        return DoctorInputs(
            settings=self.settings,
            source=source.place if source else "",
            folders=self.folders,
            study_cache=lambda: self.cache,
            keyring=self.runtime.keyring,
            network=self.runtime.network or SystemNetwork(),
            clock=self.runtime.clock,
            connection=lambda forms: self.connection(self.host, forms),
            connect=lambda forms: self.connect(self.host, forms),
        )

    def connect(self, host: str, forms: tuple[str, ...]) -> Api:
        """Open a session with given forms of a key, which notes hide from now on; the command's end closes it."""
        from sostrades_cli.api.client import Api  # noqa: PLC0415 - start-up: httpx is not needed for --help
        from sostrades_cli.api.http.session import Session  # noqa: PLC0415

        self.notes.secrets.update(*map(forms_of, forms))
        session = Session(self.connection(host, forms), self.runtime.clock, self.notes.remark, self.notes.trace)
        self._sessions.append(session)
        return Api(session, self.cache.remember_name)

    def connection(self, host: str, forms: tuple[str, ...]) -> Connection:
        """Return what a session is made from."""
        from sostrades_cli.api.http.transport import Connection  # noqa: PLC0415 - start-up

        return Connection(
            host,
            forms,
            ca_bundle=self.settings.ca_bundle,
            ca_source=self.settings.ca_source,
            key_log=self.settings.key_log,
            client_cert=self.settings.client_cert,
            client_key=self.settings.client_key,
            read_timeout_s=self.settings.read_timeout_s,
            transport=self.runtime.transport,
        )

    def tidy(self) -> None:
        """Remove the files that were needed on the way."""
        self._scratch.close()

    def close(self) -> None:
        """Close what was opened."""
        for session in self._sessions:
            session.close()
        self._scratch.close()
