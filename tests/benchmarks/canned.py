"""A server of answers that are there already: it costs next to nothing, so that what is measured is the client.

``python -m tests.benchmarks.canned FOLDER`` serves the studies of FOLDER (``studies.py`` makes it) on loopback, and
prints its address. After a form, a download gives ``shown.csv`` if the study has that file, else the table of the form.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

STUDY: Final = re.compile(r"/api/v0/(?P<subject>[a-z-]+)/(?:status/)?(?P<study>\d+)(?P<rest>/.*)?$")
PIECE: Final = 1 << 20
LOAD, TABLE, CHARTS, PAGE = "load.json", "table.csv", "charts.json", "page.html"
# The table of the last form, and the file in which the server shows it if it differs.
SENT, SHOWN = "sent.csv", "shown.csv"
MANNERS: Final = "manners.json"


class Counts:
    """What happened: how many requests there were, the most at once, when a form began and ended (monotonic, s)."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests = self.now = self.most = 0
        self.form: tuple[float, float] | None = None

    def begin(self) -> None:
        """Note that a request has come."""
        with self.lock:
            self.requests += 1
            self.now += 1
            self.most = max(self.most, self.now)

    def end(self) -> None:
        """Note that it was answered."""
        with self.lock:
            self.now -= 1


class Handler(BaseHTTPRequestHandler):
    """Answers from files."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder: Path
    counts: Counts

    def log_message(self, *_: object) -> None:
        """Say nothing: a line for each request costs more than the request."""

    def do_GET(self) -> None:
        """Answer a read."""
        if self.path == "/bench/counts":
            counts = self.counts
            self._json({"requests": counts.requests, "most": counts.most, "form": counts.form})
            counts.requests = counts.most = 0
            return
        self.counts.begin()
        try:
            self._read(STUDY.match(self.path))
        finally:
            self.counts.end()

    def do_POST(self) -> None:
        """Answer a download, a form, or the start of a run."""
        self.counts.begin()
        try:
            self._post(STUDY.match(self.path))
        finally:
            self.counts.end()

    def _read(self, match: re.Match[str] | None) -> None:
        if match is None:
            self._json({"statusCode": 404, "name": "Not Found", "description": "no such route"}, 404)
            return
        study, rest = match["study"], match["rest"] or ""
        if match["subject"] == "calculation":
            self._json(status(int(study), self._manners(study)["status"]))
        elif match["subject"] == "post-processing" and rest == "/html":
            self._file(self.folder / study / PAGE, "text/html; charset=utf-8")
        elif match["subject"] == "post-processing":
            self._file(self.folder / study / CHARTS, "application/json")
        elif rest == "/url":
            self._json({"study_url": f"http://localhost:4200/study/{study}"})
        elif rest == "/read-only-mode":
            description = "The study is not available in read only mode"
            self._json({"statusCode": 400, "name": "Bad Request", "description": description}, 400)
        else:
            self._file(self.folder / study / LOAD, "application/json")

    def _post(self, match: re.Match[str] | None) -> None:
        if match is None or match["rest"] not in {"/parameters", "/parameter/download"}:
            self._read(None)
            return
        position = self.folder / match["study"]
        if match["rest"] == "/parameters":
            self._form(position)
            return
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self._manners(match["study"])["download_s"])
        files = [position / SHOWN, position / SENT] if (position / SENT).exists() else [position / TABLE]
        self._file(next(file for file in files if file.exists()), "text/csv; charset=utf-8")

    def _form(self, folder: Path) -> None:
        left = int(self.headers["Content-Length"])
        began = time.monotonic()
        with (folder / "form").open("wb") as file:
            while left and (piece := self.rfile.read1(min(PIECE, left))):
                file.write(piece)
                left -= len(piece)
        ended = time.monotonic()
        if not kept(folder):
            description = "No files or parameters match in request."
            self._json({"statusCode": 400, "name": "Bad Request", "description": description}, 400)
            return
        self.counts.form = (began, ended)
        self._json({"load_status": "in_progress", "treenode": {}, "study_case": {"execution_status": "NOT EXECUTED"}})

    def _manners(self, study: str) -> dict[str, Any]:
        result: dict[str, Any] = json.loads((self.folder / study / MANNERS).read_text())
        return result

    def _json(self, value: object, code: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _file(self, path: Path, content_type: str) -> None:
        with path.open("rb") as file:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(path.stat().st_size))
            self.end_headers()
            self.wfile.flush()
            self.connection.sendfile(file)


def status(study: int, word: str) -> dict[str, object]:
    """Return a status object in the API's shape."""
    return {
        "study_case_id": study,
        "disciplines_status": {"canned": word},
        "study_case_execution_status": word,
        "study_case_execution_error_message": "",
        "study_case_execution_cpu": "1.0/2",
        "study_case_execution_memory": "1.05/23.54 [GB]",
    }


def kept(folder: Path) -> bool:
    """Keep the only file of a form as what the study holds; say whether there was one."""
    form = folder / "form"
    with form.open("rb") as file:
        boundary = file.readline()
        head = b"".join(iter(file.readline, b"\r\n")) if boundary.startswith(b"--") else b""
        if b"filename=" not in head:
            return False
        begins = file.tell()
        size = form.stat().st_size - begins - len(boundary) - 4
        with (folder / SENT).open("wb") as into:
            shutil.copyfileobj(file, into, PIECE)
            into.truncate(size)
    return True


def main() -> None:
    """Serve until the process is ended."""
    Handler.folder, Handler.counts = Path(sys.argv[1]), Counts()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - whoever starts it reads this
    server.serve_forever()


if __name__ == "__main__":
    main()
