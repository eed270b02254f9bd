"""Define one study of a server in memory, for unit tests of changes. The test decides the effect of each write."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from sostrades_cli.api.models import Parameter
from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, Refused, ServerWords
from sostrades_cli.files.temporary import TempFolder
from sostrades_cli.local.cache import StudyCache
from sostrades_cli.local.config_file import Folders
from sostrades_cli.operations.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import IO

    from sostrades_cli.errors import SostradesError

HOST = "http://127.0.0.1:5004"
STUDY = 21
TABLE = "://dataframe"
# How a parameter of a write ends.
SENT, OLD, OTHER, MISSING = "as sent", "as before", "as somebody else's", "missing"
ENDS = (SENT, OLD, OTHER, MISSING)
ELSEWHERE: dict[type, Any] = {float: -99.0, int: -99, str: "elsewhere", list: [-99.0], dict: {"elsewhere": -99.0}}


@dataclass
class Write:
    """The effect of one write: ``ends`` by name, others as ``default``. ``error`` is raised afterwards."""

    ends: Mapping[str, str] = field(default_factory=dict)
    default: str = SENT
    error: SostradesError | None = None
    then: Callable[[], None] = lambda: None


@dataclass
class FakeClock:
    """A clock that only sleeping advances. ``events`` happen when it passes their time, in seconds."""

    seconds: float = 0.0
    events: dict[float, Callable[[], None]] = field(default_factory=dict)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        for time in [time for time in self.events if time <= self.seconds]:
            self.events.pop(time)()


class FakeStudy:
    """Study 21: values as in a load, tables as downloads, and the received writes."""

    def __init__(self, values: Mapping[str, Any], tables: Mapping[str, bytes] | None = None) -> None:
        self.values = dict(values)
        self.tables: dict[str, bytes | None] = dict(tables or {})
        self.defaults = dict(values)
        self.default_tables = dict(self.tables)
        self.types = {name: _type(value) for name, value in values.items()} | dict.fromkeys(self.tables, "dataframe")
        self.writes: list[dict[str, Any]] = []
        self.answers: list[Write] = []
        self.status = ""
        self.loads = True
        self.before_write: Callable[[], None] = lambda: None
        self.finished = False
        self.hidden: set[str] = set()
        self.unloaded: set[str] = set()
        self.after_load: Callable[[], None] = lambda: None
        self.before_start: Callable[[], None] = lambda: None
        self.failing: SostradesError | None = None
        self.requests: list[str] = []
        self.notes: list[str] = []
        self.clock = FakeClock()

    def context(self, folder: Path, notify: Callable[[str], None] | None = None) -> Context:
        """Return the context of operations. Without ``notify``, notes go to ``notes``."""
        folders = Folders({"SOSTRADES_CACHE_DIR": str(folder / "cache"), "SOSTRADES_STATE_DIR": str(folder / "state")})
        cache, api = StudyCache(folders, HOST), cast("Any", _Api(self))
        return Context(
            api,
            cache,
            self.clock,
            notify or self.notes.append,
            folder / "state",
            temp_folder_in(folder),
            set(),
            still_waiting=notify or self.notes.append,
            warn=notify or self.notes.append,
        )

    def set_elsewhere(self, name: str, value: Any) -> None:
        """Change a value or a table as somebody else does."""
        if name in self.tables:
            self.tables[name] = value
        else:
            self.values[name] = value

    def fail_reads(self, error: SostradesError | None) -> None:
        """Answer loads and downloads with an error from now on."""
        self.failing = error

    def remove(self, name: str) -> None:
        """Remove a parameter."""
        self.values.pop(name, None)
        self.tables.pop(name, None)

    def load(self) -> dict[str, Any]:
        """Return the answer of the load route, without the ``unloaded`` parameters."""
        shown = {**self.values, **{name: None if table is None else TABLE for name, table in self.tables.items()}}
        return {
            name: {
                "type": self.types[name],
                "unit": "-",
                "var_name": name.rpartition(".")[2],
                "value": value,
                "optional": False,
            }
            for name, value in shown.items()
            if name not in self.unloaded
        }

    def read_only(self) -> dict[str, Parameter]:
        """Return the parameters of read-only mode, which also has the defaults of values."""
        return {
            name: Parameter(
                name, self.types[name], "-", name, value, io_type="in", coupling=False, default=self.defaults[name]
            )
            for name, value in self.values.items()
        }

    def download(self, name: str) -> bytes:
        """Return the answer of the download route. A ``hidden`` parameter has no layout."""
        if name in self.hidden:
            raise NoLayout(f"{name} has no layout")
        if name in self.tables:
            if (content := self.tables[name]) is None:
                raise NoValue(f"{name} has no value yet")
            return content
        if name not in self.values:
            raise NotFound(f"no parameter {name}")
        if self.values[name] is None:
            raise NoValue(f"{name} has no value yet")
        return f"value\n{self.values[name]}\n".encode()

    def write(self, sent: Mapping[str, Any]) -> None:
        """Apply a write as the next answer says."""
        self.before_write()
        self.writes.append(dict(sent))
        answer = self.answers.pop(0) if self.answers else Write()
        for name, value in sent.items():
            end = answer.ends.get(name, answer.default)
            if end == MISSING:
                self.remove(name)
            elif end != OLD:
                self._put(name, value, elsewhere=end == OTHER)
        answer.then()
        if answer.error is not None:
            raise answer.error

    def _put(self, name: str, value: Any, *, elsewhere: bool) -> None:
        if name in self.tables:
            new = self.default_tables[name] if value is None else value
            self.tables[name] = b"years,people\n1999,99.0\n" if elsewhere else new
            return
        new = self.defaults[name] if value is None else value
        self.values[name] = ELSEWHERE[type(new)] if elsewhere else new


def temp_folder_in(folder: Path) -> TempFolder:
    """Return a folder for temporary files that goes with the folder of a test, whether it is closed or not."""
    own = folder / "temporary"
    own.mkdir(parents=True, exist_ok=True)
    return TempFolder(own)


def _type(value: Any) -> str:
    return {float: "float", int: "int", str: "string", list: "list", dict: "dict"}[type(value)]


class _Api:
    """The routes of the API that changes use."""

    def __init__(self, study: FakeStudy) -> None:
        self._study = study
        self.session = self
        self.host = HOST
        self.calculations = self.studies = self.parameters = self

    def outage_since(self, failed_s: float) -> float:
        return failed_s

    def outage_left_s(self, _: float) -> float:
        return 0.0

    def status(self, study: int) -> RunStatus:
        self._study.requests.append("status")
        status = self._study.status if study == STUDY else ""
        return RunStatus(study, status, {}, "", "----", "----", {})

    def execute(self, study: int) -> RunStatus:
        self._study.requests.append("execute")
        self._study.before_start()
        if study == STUDY:
            self._study.status = "PENDING"
        return RunStatus(study, "PENDING", {}, "", "----", "----", {})

    def load(self, study: int, wait_s: int) -> dict[str, Any]:
        self._study.requests.append("load")
        if self._study.failing is not None:
            raise self._study.failing
        if not self._study.loads:
            raise LoadFault("the load route is broken", study=study)
        answer = self._study.load()
        self._study.after_load()
        return answer

    def read_only(self, study: int) -> Any:
        self._study.requests.append("read_only")
        if not self._study.finished:
            raise Refused("no file", server=ServerWords(400, "The study is not available in read only mode"))
        return SimpleNamespace(parameters=self._study.read_only(), usages={})

    def content(self, study: int, key: str) -> bytes:
        self._study.requests.append("download")
        if self._study.failing is not None:
            raise self._study.failing
        return self._study.download(key)

    @contextlib.contextmanager
    def stream(self, study: int, key: str, *, exact: bool = False) -> Iterator[Iterator[bytes]]:
        yield iter([self.content(study, key)])

    def repeat(self, action: Callable[[], Any]) -> Any:
        return action()

    def takes_files(self, study: int) -> bool:
        return True

    def update(self, study: int, values: Sequence[tuple[str, Any, str | None]]) -> None:
        self._study.requests.append("update")
        self._study.write({name: value for name, value, _ in values})

    def upload(self, study: int, files: Mapping[str, IO[bytes]]) -> None:
        self._study.requests.append("upload")
        self._study.write({name: file.read() for name, file in files.items()})
