"""Search for a key, in all of its forms, in everything that a command leaves behind."""

from __future__ import annotations

import base64
import contextlib
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Outcome

E_MAIL: Final = "ann@corp.example"


def base64_of(text: str) -> str:
    """Return the base64 form of a text."""
    return base64.b64encode(text.encode()).decode()


def tells_of(key: str) -> list[str]:
    """Return the key, its halves, and its base64 forms with and without an e-mail, including halves of the first."""
    encoded, with_mail = base64_of(key), base64_of(f"{key}:{E_MAIL}")
    return [key, key[:16], key[16:], encoded, encoded[:22], encoded[22:], with_mail, with_mail[:40]]


@dataclass
class Search:
    """A search for one key. Findings are named by their location."""

    key: str
    findings: list[str] = field(default_factory=list)
    searched: int = 0

    def within(self, content: str | bytes, where: str) -> None:
        """Search a text."""
        self.searched += 1
        whole = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self.findings += [f"{tell} in {where}" for tell in tells_of(self.key) if tell.encode() in whole]

    def outcome(self, done: Outcome, line: str) -> None:
        """Search both streams of a command."""
        self.within(done.out, f"standard output of {line}")
        self.within(done.err, f"standard error of {line}")

    def below(self, folder: Path, *but: str) -> None:
        """Search every file below a folder, its name too; archives are opened.

        A command of several threads moves the file of one while the request of another is looked at.
        """
        for path in folder.rglob("*"):
            if path.name in but or not path.is_file():
                continue
            self.within(str(path.relative_to(folder)), f"the name {path}")
            with contextlib.suppress(FileNotFoundError):
                for content in _contents(path):
                    self.within(content, str(path))


def _contents(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())


@dataclass
class Wire(httpx.BaseTransport):
    """A transport that searches every request: its address, and the files that exist at that time."""

    inner: httpx.BaseTransport
    search: Search
    temporary: Path
    hosts: set[str] = field(default_factory=set)
    authorized: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Search, and pass on."""
        self.hosts.add(request.url.host)
        self.authorized += "authorization" in request.headers
        self.search.within(str(request.url), f"the address {request.url}")
        others = [value for name, value in request.headers.items() if name != "authorization"]
        self.search.within("\n".join(others), f"headers to {request.url}")
        self.search.within(request.read(), f"the body to {request.url}")
        self.search.below(self.temporary)
        return self.inner.handle_request(request)
