"""Provide a user at a command line, in process, against the stub, with a clock that only the test advances."""

from __future__ import annotations

import gc
import io
import itertools
import json
import os
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fake_study import temp_folder_in

from server_stub import create_app
from server_stub.clock import ManualClock
from server_stub.faults import ConnectionDropped
from server_stub.worlds import build_world
from sostrades_cli import Client
from sostrades_cli.api.client import Api
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.cli import framework
from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.main import root
from sostrades_cli.library.process import this_process
from sostrades_cli.local.cache import StudyCache
from sostrades_cli.local.config_file import Folders
from sostrades_cli.operations.context import Context
from sostrades_cli.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from server_stub.world import World
    from sostrades_cli.api.http.network_probe import Network
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.local.keyring_entry import KeyringEntry
    from sostrades_cli.runtime import Picker

# It would hide what is still in a buffer when a program ends.
os.environ.pop("PYTHONUNBUFFERED", None)
# Modules are compiled once, not in every worker and in every program that the tests start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# They change what the program writes and asks. CI systems set some of them, users others.
for name in (
    *("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI"),
    *("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PYTHONIOENCODING"),
    *("PAGER", "LESS", "LV", "VISUAL", "EDITOR", "BROWSER"),
):
    os.environ.pop(name, None)
sys.dont_write_bytecode = False

HOST = "http://127.0.0.1:5004"


def pytest_collection_finish() -> None:
    """Leave the collected tests out of each garbage collection: walking through them takes a tenth of the time."""
    gc.freeze()


def slow(*values: Any) -> Any:
    """Return values of a test's parameters that are left to the slow tests."""
    return pytest.param(*values, marks=pytest.mark.slow)


def mostly_slow(values: Iterable[Any], every: int) -> list[Any]:
    """Leave all but each ``every``-th value of a parameter to the slow tests. Tuples are several parameters."""
    rows = [value if isinstance(value, tuple) else (value,) for value in values]
    return [slow(*row) if number % every else pytest.param(*row) for number, row in enumerate(rows)]


# A server of 5.0 does nothing that none of the two others does.
SERVERS = ("documented", slow("5.0"), "5.3")
WITH_READ_ONLY_MODE = ("documented", "5.3")
# Where the same code serves every server, one is enough for the quick tests.
QUICK_SERVERS = ("documented", slow("5.0"), slow("5.3"))
QUICK_WITH_READ_ONLY_MODE = ("documented", slow("5.3"))
HERE = ("default", HOST)  # where a keyring has the key for the stub


class Terminal(io.TextIOWrapper):
    """A text stream over bytes that can claim to be a terminal."""

    def __init__(self, *, tty: bool = False, content: bytes = b"", errors: str = "strict") -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8", errors=errors, newline="", write_through=True)
        self._tty = tty

    def isatty(self) -> bool:
        """Return whether this is a terminal."""
        return self._tty

    @property
    def written(self) -> str:
        """Return the written text."""
        self.flush()
        return self.buffer.getvalue().decode("utf-8", "surrogateescape")  # type: ignore[attr-defined]


@dataclass
class WorldClock:
    """A client clock that follows the time of the world."""

    clock: ManualClock

    def monotonic(self) -> float:
        """Return seconds."""
        return self.clock.now()

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.clock.sleep(seconds)


@dataclass
class MemoryKeyring:
    """A keyring in memory: tokens by profile and server."""

    stored: dict[tuple[str, str], str] = field(default_factory=dict)

    def get(self, entry: KeyringEntry) -> str | None:
        """Return the token that is stored."""
        return self.stored.get(entry)

    def put(self, entry: KeyringEntry, token: str) -> None:
        """Store a token."""
        self.stored[entry] = token

    def forget(self, entry: KeyringEntry) -> bool:
        """Remove a token."""
        return self.stored.pop(entry, None) is not None


class StubTransport(httpx.BaseTransport):
    """The stub in process, with the effects of a network: closed connections, truncated bodies, timeouts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wsgi = httpx.WSGITransport(create_app(world))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as over a socket."""
        began = self._world.clock.now()
        try:
            response = self._wsgi.handle_request(request)
            body = b"".join(response.stream)  # type: ignore[arg-type]
        except ConnectionDropped as error:
            if self._world.clock.now() - began > request.extensions["timeout"]["read"]:
                raise httpx.ReadTimeout("timed out") from error
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.") from error
        if self._world.clock.now() - began > request.extensions["timeout"]["read"]:
            raise httpx.ReadTimeout("timed out")
        expected = int(response.headers.get("content-length", len(body)))
        if request.method != "HEAD" and len(body) < expected:
            return httpx.Response(response.status_code, headers=response.headers, stream=_Cut(body))
        return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(body))


class _Cut(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


@dataclass(frozen=True)
class Outcome:
    """The result of a command: its exit code, its two streams and its error."""

    code: int
    out: str
    err: str
    error: SostradesError | None = None

    @property
    def kind(self) -> str | None:
        """Return the kind of the error, or ``None`` without an error."""
        return self.error.kind if self.error else None


@dataclass
class User:
    """A user at a command line."""

    world: World
    folder: Path
    keyring: MemoryKeyring
    environ: dict[str, str]
    opened: list[str] = field(default_factory=list)
    has_browser: bool = True
    edit: Callable[[Path], object] = lambda _: None
    programs: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)
    transport: httpx.BaseTransport | None = None
    network: Network | None = None
    noted: list[str] = field(default_factory=list)
    on_sockets: bool = False
    repeat: Callable[[Callable[[], bool]], None] | None = None
    pick: Picker | None = None
    types_ahead: bool = False

    def types(
        self,
        *arguments: str,
        tty: bool = False,
        stdin: bytes = b"",
        secret: str = "",
        one_stream: bool = False,
        page: Callable[[Sequence[str], Iterable[str]], bool] | None = None,
        **environ: str,
    ) -> Outcome:
        """Run a command line and return its result. Variables set to "" are unset.

        With ``one_stream`` both streams are merged in the order of a screen. With a ``page``, the user is at a terminal
        that has a pager. A user who ``types_ahead`` types ``stdin`` before the first question.
        """
        typed = Terminal(content=stdin, tty=bool(secret) or (tty and bool(stdin or page or self.pick)))
        # The program writes what its encoding lacks as its code.
        out = Terminal(tty=tty, errors="backslashreplace")
        err = out if one_stream else Terminal(tty=tty, errors="backslashreplace")
        variables = {name: value for name, value in {**self.environ, **environ}.items() if value}
        runtime = Runtime(
            environ=variables,
            stdin=typed,
            stdout=out,
            stderr=err,
            clock=WorldClock(self.world.clock),  # type: ignore[arg-type]
            keyring=self.keyring,
            ask_secret=lambda _: secret,
            open_url=self._open,
            edit_file=self._edit,
            run_program=lambda words, variables: self.programs.append((list(words), dict(variables))) or 0,
            transport=None if self.on_sockets else self.transport or StubTransport(self.world),
            network=self.network,
            repeat=self.repeat,
            page=page,
            pick=self.pick,
            discard_typed=lambda: typed.read() if self.types_ahead else None,
        )
        invocation = Invocation(runtime, arguments)
        code = framework.run(root, invocation)
        return Outcome(code, out.written, "" if one_stream else err.written, invocation.error)

    def _open(self, url: str) -> bool:
        if self.has_browser:
            self.opened.append(url)
        return self.has_browser

    def _edit(self, path: Path) -> None:
        self.edit(path)

    def prints(self, *arguments: str) -> Any:
        """Run a command line and return the JSON that it prints."""
        return json.loads(self.types(*arguments, "-F", "json").out)

    @property
    def program(self) -> Runtime:
        """Return the runtime of a Python program of the same user."""
        return this_process()._replace(
            environ=self.environ,
            clock=WorldClock(self.world.clock),  # type: ignore[arg-type]
            keyring=self.keyring,
            transport=self.transport or StubTransport(self.world),
        )

    def client(self, *, host: str | None = None, key: str | None = None, profile: str | None = None) -> Client:
        """Return a client in a program of the same user. Its notes go to ``noted``."""
        return Client(host, key=key, profile=profile, notify=self.noted.append, runtime=self.program)

    @property
    def requests(self) -> list[str]:
        """Return the requests to the server as `METHOD path`."""
        return [f"{request.method} {request.path}" for request in self.world.requests]


@pytest.fixture(scope="session", autouse=True)
def _no_wait_for_the_disk() -> Iterator[None]:
    """Skip fsync: the tests write some 10,000 files, and a power loss does not matter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)  # a descriptor that is not open is still an error
        yield


_numbers_of_folders = itertools.count()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new folder.

    The fixture of pytest reads the names of all earlier folders, which takes 5 ms for each of the last tests.
    """
    name = re.sub(r"\W", "_", request.node.name)[:27]
    return tmp_path_factory.mktemp(f"{name}_{next(_numbers_of_folders)}", numbered=False)


def make_user(folder: Path, server: str = "documented", world: str = "demo") -> User:
    """Return a user of a new stub, with all files in a folder."""
    built = build_world(world, server=server, speed=1.0, clock=ManualClock())
    folders = {f"SOSTRADES_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    environ = {"SOSTRADES_HOST": HOST, "SOSTRADES_API_KEY": built.key, "HOME": str(folder / "home"), **folders}
    return User(built, folder, MemoryKeyring(), environ)


@pytest.fixture
def user_of(tmp_path: Path) -> Callable[..., User]:
    """Return a function that makes a user of a stub: `user_of(server="5.3")`."""
    return partial(make_user, tmp_path)


@pytest.fixture
def user(user_of: Callable[..., User]) -> User:
    """Return a user of a server that works as documented."""
    return user_of()


@pytest.fixture
def server_of() -> Iterator[Callable[[User], Context]]:
    """Return a function that makes the context of operations for a user. Its notes go to ``noted`` of the user."""
    sessions = []

    def make(user: User) -> Context:
        clock: Any = WorldClock(user.world.clock)  # type: ignore[arg-type] # a manual clock
        key = (user.environ["SOSTRADES_API_KEY"],)
        session = Session(Connection(HOST, key, transport=StubTransport(user.world)), clock, user.noted.append)
        sessions.append(session)
        cache = StudyCache(Folders(user.environ), HOST)
        api = Api(session, cache.store_name)
        return Context(
            api,
            cache,
            clock,
            user.noted.append,
            user.folder / "state",
            temp_folder_in(user.folder),
            set(),
            still_waiting=user.noted.append,
        )

    yield make
    for session in sessions:
        session.close()


@pytest.fixture(params=("documented", "5.3"))
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


@pytest.fixture
def user53(user_of: Callable[..., User]) -> User:
    """Return a user of a server with the bugs of 5.3."""
    return user_of("5.3")
