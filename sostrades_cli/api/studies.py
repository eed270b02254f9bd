"""Routes of a study: load, read-only mode, address, copy, log."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.api.http.body_limits import Expecting, anything
from sostrades_cli.api.protocol import NOT_MODIFIED, PARTIAL, SHORT_S, incomplete_answer, json_kind, unusable
from sostrades_cli.errors import LinkFault, NoRoute, Refused, ServerFault, StudyLoadFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.protocol import Reply
    from sostrades_cli.api.read_only import ReadOnlyStudy
    from sostrades_cli.api.structure import StudyStructure

BASE: Final = "/api/v0/study-case"
LOAD_S: Final = 60.0
LOG_TIMEOUT_S: Final = 60.0
# Logs of optimisations grow to gigabytes. The cause of a failure is near the end, but tracebacks of charts may follow.
# Each step reads so many bytes before the part read last.
ENDS: Final = (256 * 1024, 1024 * 1024, 4 * 1024 * 1024)
# The server answers so to every link request with a user's key.
INTERNAL_ERROR: Final = "The server encountered an internal error"
# Messages of exceptions in the server's code: a wrong type, a missing attribute, a value that is not JSON.
SERVER_EXCEPTION: Final = r"^'[\w.<>]+' object |has no attribute '|^Custom json encoder error"
PAST_THE_END: Final = frozenset({416})
UNCHANGED: Final = frozenset({NOT_MODIFIED})
# Most of a read-only file.
CHARTS: Final = ("post_processings",)
DIAGRAMS: Final = ("n2_diagram",)
# Only such an ETag can be sent back.
ETAG: Final = r'(W/)?"[\x21\x23-\x7e]{1,200}"'


class LogPart(NamedTuple):
    """A part of a log: the server's name and size (bytes) of the file, where the part starts, and its content.

    ``modified`` is the time of the last write and ``answered`` the time of the answer, both by the server's clock.
    """

    name: str | None
    size: int
    start: int
    content: bytes
    modified: datetime | None = None
    answered: datetime | None = None


class StudiesApi:
    """Requests about one study; ``study`` is its number."""

    def __init__(self, session: Session, on_name: Callable[[int, str], None]) -> None:
        self._session = session
        self._on_name = on_name
        # Whether a server older than 5.3.1 has answered that it does not have the route.
        self.lacks_read_only_mode = False

    def load(self, study: int, wait_s: int) -> dict[str, Any]:
        """Return the server's object of parameters. The server may answer ``{}`` without a reason.

        ``wait_s`` limits the time that the server waits for the study to be in memory, in whole seconds from 1.

        Raises
        ------
        LoadFault
            The server fails to load any study, or (``StudyLoadFault``) this one.

        """
        path = f"{BASE}/{study}/{wait_s}"
        try:
            # The server may use the whole wait before the load itself.
            reply = self._session.read(
                "GET", path, study=study, read_timeout_s=LOAD_S + wait_s, purpose=f"Loading study {study}"
            )
        except Refused as error:
            # A load has no input to refuse: a 400 of the application is an exception in its code.
            if error.server is None or not re.search(SERVER_EXCEPTION, error.server.description):
                raise
            raise StudyLoadFault(
                f"the server fails to load study {study}",
                hint=f"open study {study} in the web page, or read its log with `sostrades study logs {study}`",
                study=study,
                server=error.server,
            ) from error
        return reply.json_object()

    def read_only(self, study: int) -> ReadOnlyStudy:
        """Return the read-only file, which the server writes at the end of a run."""
        from sostrades_cli.api.read_only import ReadOnlyStudy

        path, purpose = f"{BASE}/{study}/read-only-mode", f"Loading study {study} from read-only mode"
        reply = self._read_only_mode(path, study=study, purpose=purpose)
        content = ReadOnlyStudy.from_api(reply.json_object(skipped=CHARTS + DIAGRAMS))
        self._on_name(study, content.name)
        return content

    def structure(self, study: int, etag: str | None) -> tuple[str, StudyStructure] | None:
        """Return the ETag of the read-only file (may be empty) and the structure in it.

        ``None`` means that the file still has the given ``etag``.
        """
        from sostrades_cli.api.structure import StudyStructure

        path, purpose = f"{BASE}/{study}/read-only-mode", f"Loading the structure of study {study}"
        headers, accept = ({"If-None-Match": etag}, UNCHANGED) if etag else (None, frozenset[int]())
        reply = self._read_only_mode(path, study=study, headers=headers, accept=accept, purpose=purpose)
        if reply.status in accept:
            return None
        structure = StudyStructure.from_api(reply.json_object(skipped=CHARTS))
        self._on_name(study, structure.name)
        sent = reply.headers.get("etag", "")
        return sent if re.fullmatch(ETAG, sent) else "", structure

    def _read_only_mode(self, path: str, **options: Any) -> Reply:  # noqa: ANN401 - those of the session
        try:
            return self._session.read("GET", path, read_timeout_s=LOAD_S, **options)
        except NoRoute:
            self.lacks_read_only_mode = True
            raise

    def url(self, study: int) -> str:
        """Return the address of the study's page; relative if the server has no GUI address."""
        try:
            reply = self._session.read(
                "GET", f"{BASE}/{study}/url", study=study, purpose=f"Reading the link of study {study}"
            )
            url = reply.json_object().get("study_url")
        except ServerFault as error:
            if error.server is None or not error.server.description.startswith(INTERNAL_ERROR):
                raise
            raise LinkFault(
                f"this server gives the link of a study only to the key of a group (a known bug {LinkFault.versions})",
                hint="use the key of a group, or open the study in the web page",
                study=study,
                server=error.server,
            ) from error
        if not isinstance(url, str):
            raise unusable("an answer without study_url")
        return url

    def copy(self, study: int, name: str) -> int:
        """Copy a study and return the number of the copy."""
        path = f"{BASE}/{study}/copy"
        reply = self._session.write(
            path, study=study, json={"new_study_name": name}, read_timeout_s=LOAD_S, purpose=f"Copying study {study}"
        )
        number = reply.json()
        if not isinstance(number, int) or isinstance(number, bool):
            raise unusable(f"a JSON {json_kind(number)} instead of the number of the copy")
        self._on_name(number, name)
        return number

    @contextlib.contextmanager
    def log_stream(self, study: int) -> Iterator[Iterator[bytes]]:
        """Open the log of the last execution as chunks."""
        opened = self._session.stream(
            "GET",
            f"{BASE}/{study}/logs",
            study=study,
            read_timeout_s=LOG_TIMEOUT_S,
            purpose=f"Reading the log of study {study}",
        )
        with opened as (head, chunks):
            _require_no_json(head)
            yield chunks

    def log_from(self, study: int, offset: int, within_s: float = LOG_TIMEOUT_S, end: int | None = None) -> LogPart:
        """Return the log from byte ``offset`` to before ``end``; empty content past the end.

        A server that ignores ranges sends the whole log. Reading stops after ``end`` bytes.
        """
        ranged = offset > 0 or end is not None
        last = "" if end is None else end - 1
        headers, accept = (
            ({"Range": f"bytes={offset}-{last}"}, PAST_THE_END | {PARTIAL}) if ranged else (None, PAST_THE_END)
        )
        path = f"{BASE}/{study}/logs"
        reply = self._session.read(
            "GET", path, study=study, headers=headers, accept=accept, expects=_up_to(end), once_within_s=within_s
        )
        if reply.status in PAST_THE_END:
            # The answer to a range past the end names neither the file nor its size.
            name, size = self.log_head(study)
            return LogPart(name, size, offset, b"")
        _require_no_json(reply.headers)
        # A cache in between may answer with the range of another request.
        if reply.status == PARTIAL and range_start(reply.headers.get("content-range")) != offset:
            raise incomplete_answer(reply.status, reply.headers)
        # A server that ignores Range sends the whole log with status 200.
        start = offset if reply.status == PARTIAL else 0
        return LogPart(
            file_name(reply.headers.get("content-disposition")),
            range_total(reply.headers.get("content-range")) or max(start + len(reply.body), _length(reply.headers)),
            start,
            reply.body[: None if end is None else end - start],
            _time_of(reply.headers.get("last-modified")),
            _time_of(reply.headers.get("date")),
        )

    def log_head(self, study: int) -> tuple[str | None, int]:
        """Return the name of the last execution's log and its size in bytes; each execution has its own name."""
        path = f"{BASE}/{study}/logs"
        headers = self._session.read("HEAD", path, study=study, once_within_s=SHORT_S).headers
        return file_name(headers.get("content-disposition")), _length(headers)

    def log_ends(self, study: int) -> Iterator[LogPart]:
        """Yield longer and longer ends of the last execution's log, up to a limit.

        Requests have a short time limit and are not retried.

        Raises
        ------
        NeverRan
            The study has no log yet.

        """
        name, size = self.log_head(study)
        if not size:  # a proxy may drop Content-Length
            yield self.log_from(study, 0, within_s=SHORT_S)
            return
        start, content = size, b""
        for length in ENDS:
            part = self.log_from(study, max(0, start - length), within_s=SHORT_S, end=start)
            # A server that ignores the range sends the whole log.
            content = part.content[: start - part.start] + content
            start = part.start
            yield LogPart(name, size, start, content)
            if not start:
                return


def _up_to(end: int | None) -> Expecting:
    """Return a check of a body that stops reading a whole log after ``end`` bytes, within the piece that has more."""
    if end is None:
        return anything

    def some(headers: Mapping[str, str], chunks: Iterable[bytes]) -> Iterator[bytes]:
        count = 0
        for chunk in chunks:
            yield chunk
            count += len(chunk)
            if count > end and "content-range" not in headers:
                return

    return some


def _require_no_json(headers: Mapping[str, str]) -> None:
    """Refuse JSON. A log has any other content type; JSON is an error of the server or a proxy."""
    if headers.get("content-type", "").startswith("application/json"):
        raise unusable("JSON instead of a log")


def file_name(disposition: str | None) -> str | None:
    """Return the file name of a Content-Disposition header."""
    match = re.search(r'filename="?([^";]+)"?', disposition or "")
    return match.group(1) if match else None


def _time_of(date: str | None) -> datetime | None:
    """Return the time of an HTTP date, ``None`` if it is missing or damaged."""
    try:
        return parsedate_to_datetime(date or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _length(headers: Mapping[str, str]) -> int:
    """Return the size of a body by its header, 0 if it is missing or damaged."""
    length = headers.get("content-length", "")
    return int(length) if re.fullmatch(r"\d{1,18}", length) else 0


def range_total(content_range: str | None) -> int | None:
    """Return the size of the whole file in a Content-Range header."""
    match = re.match(r"bytes \d{1,18}-\d{1,18}/(\d{1,18})$", content_range or "")
    return int(match.group(1)) if match else None


def range_start(content_range: str | None) -> int | None:
    """Return the first byte of a Content-Range header."""
    match = re.match(r"bytes (\d{1,18})-", content_range or "")
    return int(match.group(1)) if match else None
