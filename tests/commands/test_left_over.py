"""Test that an aborted command leaves no partial files of its parallel downloads."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import User

NO_RIGHT = {
    "statusCode": 403,
    "name": "Forbidden",
    "description": "You do not have the necessary rights to access this study case",
}


class SlowDownload(httpx.SyncByteStream):
    """A table whose transfer blocks until it is released."""

    def __init__(self, network: FailingDownloads) -> None:
        self._network = network

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"value\n", b"1.0\n", b"2.0\n")
        self._network.threads.append(threading.current_thread())
        self._network.on_its_way.set()
        self._network.let_go.wait(60)
        yield b"3.0\n"


class FailingDownloads(httpx.BaseTransport):
    """A stub whose downloads block half way while one of them ends the command."""

    def __init__(self, user: User, folder: Path) -> None:
        self.threads: list[threading.Thread] = []
        self.on_its_way, self.let_go = threading.Event(), threading.Event()
        self.parts_seen = False
        self._stub = StubTransport(user.world)
        self._folder = folder
        self._lock, self._downloads = threading.Lock(), 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer the first download, stop the second, and end the command at the third."""
        if not request.url.path.endswith("/download"):
            return self._stub.handle_request(request)
        with self._lock:
            self._downloads += 1
            number = self._downloads
        if number == 1:
            return self._stub.handle_request(request)
        if number != 3:
            return httpx.Response(200, headers={"content-type": "text/csv; charset=utf-8"}, stream=SlowDownload(self))
        assert self.on_its_way.wait(60)
        self.parts_seen = bool(list(self._folder.rglob("*.part")))
        return httpx.Response(403, content=json.dumps(NO_RIGHT), headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    "words", [("study", "export", "21", "{folder}"), ("param", "download", "21", "--all", "-d", "{folder}")]
)
def test_failed_parallel_download_leaves_no_partial_file(user: User, words: tuple[str, ...]) -> None:
    folder = user.folder / "out"
    network = user.transport = FailingDownloads(user, folder)
    done = user.types(*(word.format(folder=folder) for word in words))
    assert (done.code, network.parts_seen) == (4, True), done.err
    assert list(folder.rglob("*.part")) == []
    whole = sorted(folder.rglob("*"))
    network.let_go.set()
    for thread in network.threads:
        thread.join(60)
    assert sorted(folder.rglob("*")) == whole
