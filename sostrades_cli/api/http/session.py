"""The session: reads are retried, writes are sent once."""

from __future__ import annotations

import contextlib
import math
import threading
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import httpx

from sostrades_cli.api import protocol
from sostrades_cli.api.http.body_limits import (
    Expecting,
    anything,
    beginning,
    decoded,
    in_memory,
    like_json,
)
from sostrades_cli.api.http.headers import same_origin
from sostrades_cli.api.http.transport import CONNECT_S, Connection, KeyAuth, build_client, explained
from sostrades_cli.api.protocol import Reply
from sostrades_cli.errors import SostradesError, UsageError
from sostrades_cli.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sostrades_cli.clock import Clock

Outcome = TypeVar("Outcome")
READ_S: Final = 30.0
# An address that never answered is probably wrong, and the error must appear within 5 s.
FIRST_CONTACT_S: Final = 1.0
MOST_REDIRECTS: Final = 5


class Session:
    """The connection of a command to one server. Reads are retried, writes are sent once.

    ``notify`` gets a line for each of the first retries, ``trace`` one for every request (with ``-v``). ``waiting``
    shows the purpose of a request while a block runs. ``on_read`` is called with the number of the study before each
    read of a study.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        notify: Callable[[str], None],
        trace: Callable[[str], None] | None = None,
        waiting: Callable[[str], contextlib.AbstractContextManager[object]] = contextlib.nullcontext,
        on_read: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.host = connection.host
        self.waiting = waiting
        self._read_timeout_s = connection.read_timeout_s
        self._clock = clock
        self._notify = notify
        self._trace = trace
        self._on_read = on_read
        self._contacted = False
        # The longest outage that reads wait for, beyond the usual retries.
        self._longest_outage_s = 0.0
        self._outage_since_s: float | None = None
        # Whether a change was sent, so that an interrupted command knows if it may have been made.
        self.has_written = False
        # Downloads run in threads, and each thread retries its own reads.
        self._retrying = threading.local()
        self._redactor = Redactor(connection.forms)
        self._key_origin = connection.key_origin
        self._auth = KeyAuth(connection.forms) if connection.forms else None
        self._client = build_client(connection, clock.monotonic)

    @property
    def accepted_form(self) -> str | None:
        """Return the form of the key that the server accepted."""
        return self._auth.accepted if self._auth else None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def read(
        self,
        method: str,
        path: str,
        *,
        study: int | None = None,
        read_timeout_s: float = READ_S,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        accept: frozenset[int] = frozenset(),
        expects: Expecting = like_json,
        once_within_s: float | None = None,
        purpose: str = "",
    ) -> Reply:
        """Send a request that changes nothing, retry transient failures, and return the whole answer.

        ``read_timeout_s`` limits the time between two packets; the user's ``--read-timeout`` overrides it. ``accept``
        are further statuses that are not errors. ``expects`` rejects a body of the wrong kind before all of it is
        read. ``once_within_s`` limits a single attempt, which is not retried, and not shown: it belongs to a watch.
        ``purpose`` is what the user waits for.

        Raises
        ------
        SostradesError
            The last attempt failed.

        """
        if study is not None:
            self._on_read(study)
        limit_s = min(self._read_timeout_s or read_timeout_s, math.inf if once_within_s is None else once_within_s)

        def attempt() -> Reply:
            with self._exchange(method, path, limit_s, study, json=json, headers=headers) as (response, body):
                if response.status_code not in accept:
                    self._check_head(response, body, study)
                return self._answer(response, body, expects)

        if once_within_s is not None:
            return self._tracked(attempt)
        with self._waiting(purpose):
            return self.repeat(attempt)

    @contextlib.contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        study: int | None,
        read_timeout_s: float = READ_S,
        json: object = None,
        page: bool = False,
        exact: bool = False,
        purpose: str = "",
    ) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """Open a read and stream its body. Failures before the body are retried, failures within it are not.

        ``page`` accepts an HTML page; without it a page is an error, because it comes from a login or a proxy. The
        body of an ``exact`` read is not redacted: the user asked for that file byte by byte. ``purpose`` is as in
        ``read``.
        """
        if study is not None:
            self._on_read(study)
        opened = contextlib.ExitStack()

        def attempt() -> tuple[httpx.Response, Iterator[bytes]]:
            limit_s = self._read_timeout_s or read_timeout_s
            with contextlib.ExitStack() as this_attempt:
                response, body = this_attempt.enter_context(self._exchange(method, path, limit_s, study, json=json))
                self._check_head(response, body, study, protocol.SUCCESSES if page else protocol.WHOLE, page=page)
                # Keep the response open for the caller; a failed attempt closes its own.
                opened.push(this_attempt.pop_all())
            return response, body

        with opened:
            # Not while the body is read: it may be written to the terminal.
            with self._waiting(purpose):
                response, body = self.repeat(attempt)
            yield self._headers(response), self._chunks(body if exact else self._redactor.body(body), study)

    def write(
        self,
        path: str,
        *,
        method: str = "POST",
        study: int | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str | None, IO[bytes] | bytes, str]] | None = None,
        read_timeout_s: float = READ_S,
        page: bool = False,
        purpose: str = "",
    ) -> Reply:
        """Send a change without retries; ``page`` is as in ``stream``, ``purpose`` as in ``read``.

        Raises
        ------
        SostradesError
            The change failed; with ``answer_lost`` it may have been applied.

        """
        content_options = {"json": json, "content": content, "headers": headers, "files": files}
        limit_s = self._read_timeout_s or read_timeout_s
        # One attempt only: the server may have applied a change whose answer was lost.
        exchange = self._exchange(method, path, limit_s, study, **content_options)
        self.has_written = True
        with self._waiting(purpose), exchange as (response, body):
            # The answer to a change may be empty.
            self._check_head(response, body, study, protocol.SUCCESSES, page=page)
            return self._answer(response, body, anything if page else like_json)

    def repeat(self, attempt: Callable[[], Outcome]) -> Outcome:
        """Call a read until it succeeds or a retry is useless. The user is notified of the first waits."""
        # An inner read, such as the opening of a stream, is retried together with the outer one.
        if getattr(self._retrying, "yes", False):
            return attempt()
        started = self._clock.monotonic()
        self._retrying.yes = True
        try:
            return self._tracked(attempt)
        except SostradesError as error:
            if not error.transient:
                raise
            from sostrades_cli.api.http.retry import RetryLimits, repeated

            since_s = self.outage_since(started)
            limits = RetryLimits(lambda: self.outage_left_s(since_s), lambda: self._is_wrong_address(started))
            return repeated(lambda: self._tracked(attempt), error, self._clock.sleep, self._notify, limits)
        finally:
            self._retrying.yes = False

    @contextlib.contextmanager
    def outage_limit(self, longest_outage_s: float) -> Iterator[None]:
        """Retry reads in a block for an outage of up to this length. Otherwise they are retried a few times."""
        before, self._longest_outage_s = self._longest_outage_s, longest_outage_s
        try:
            yield
        finally:
            self._longest_outage_s = before

    def outage_since(self, failed_s: float) -> float:
        """Return the beginning of the present outage, ``failed_s`` if reads have succeeded until then."""
        return failed_s if self._outage_since_s is None else self._outage_since_s

    def outage_left_s(self, since_s: float) -> float:
        """Return how long an outage may still last."""
        return since_s + self._longest_outage_s - self._clock.monotonic()

    def _tracked(self, attempt: Callable[[], Outcome]) -> Outcome:
        """Call a read, and note when its outage began. Failed reads without a success between them are one outage."""
        try:
            outcome = attempt()
        except SostradesError as error:
            if error.transient and self._outage_since_s is None:
                self._outage_since_s = self._clock.monotonic()
            raise
        self._outage_since_s = None
        return outcome

    def _waiting(self, purpose: str) -> contextlib.AbstractContextManager[object]:
        return self.waiting(purpose or f"Waiting for {self.host}")

    def _is_wrong_address(self, started: float) -> bool:
        # A wrong address must be reported within 5 s, but an outage of a known server is waited for.
        return not self._contacted and self._clock.monotonic() - started > FIRST_CONTACT_S

    @contextlib.contextmanager
    def _exchange(
        self,
        method: str,
        path: str,
        read_timeout_s: float,
        study: int | None,
        **content: Any,  # noqa: ANN401 - httpx's own
    ) -> Iterator[tuple[httpx.Response, Iterator[bytes]]]:
        """Send a request; yield its response and its body as a stream."""
        # Addresses end up in the logs of servers and proxies.
        if self._redactor.contains_key(path):
            raise UsageError(
                "the address contains the API key",
                hint="remove the key from the address. It is sent in a header of every request",
                study=study,
            )
        timeout = httpx.Timeout(read_timeout_s, connect=min(CONNECT_S, read_timeout_s))
        content = {name: value for name, value in content.items() if value is not None}
        try:
            request = self._client.build_request(method, f"{self.host}{path}", timeout=timeout, **content)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise UsageError(
                f"{path!r:.80} cannot be sent: {error}", hint="use UTF-8 text in the path and the headers", study=study
            ) from error
        started = self._clock.monotonic()
        with explained(self.host, study, self._redactor.text):
            response = self._send(request)
            # From now on an unreachable server is an outage, not a wrong address.
            self._contacted = True
        if self._trace:
            self._trace(f"{method} {path} -> {response.status_code} in {self._clock.monotonic() - started:.2f} s")
        try:
            with explained(self.host, study, self._redactor.text):
                yield response, decoded(response, read_timeout_s, self._clock.monotonic)
        finally:
            # An unread body would keep the connection out of the pool.
            response.close()

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Send a request and follow redirects of reads within the origin."""
        # The key must not leave the origin, and a write must not be sent twice.
        for _ in range(MOST_REDIRECTS):
            response = self._client.send(request, stream=True, auth=self._auth)
            following = response.next_request
            safe = request.method in {"GET", "HEAD"} and following is not None
            if following is None or not safe or not same_origin(str(request.url), str(following.url)):
                return response
            response.close()
            request = following
        raise protocol.unusable(f"more than {MOST_REDIRECTS} redirects in a row")

    def _answer(self, response: httpx.Response, body: Iterator[bytes], expects: Expecting) -> Reply:
        headers = self._headers(response)
        return Reply(response.status_code, headers, in_memory(expects(headers, self._redactor.body(body))))

    def _check_head(
        self,
        response: httpx.Response,
        body: Iterator[bytes],
        study: int | None,
        answers: frozenset[int] = protocol.WHOLE,
        *,
        page: bool = False,
    ) -> None:
        """Raise an error for a failure, a partial answer, or an unexpected HTML page."""
        status, headers = response.status_code, self._headers(response)
        if status not in protocol.OK:
            reply = Reply(status, headers, beginning(self._redactor.body(body)))
            address = self._redactor.text(str(response.url.copy_with(query=None)))
            error = protocol.failure(reply, study=study, now=self._clock.now(), address=address)
            raise protocol.with_origin(error, self._key_origin)
        if status not in answers:
            raise protocol.incomplete_answer(status, headers)
        # Login pages of proxies come with status 200.
        if headers.get("content-type", "").startswith("text/html") and not page:
            raise protocol.unusable("an HTML page instead of data")

    def _chunks(self, body: Iterator[bytes], study: int | None) -> Iterator[bytes]:
        with explained(self.host, study, self._redactor.text):
            yield from body

    def _headers(self, response: httpx.Response) -> dict[str, str]:
        return {name.lower(): self._redactor.text(value) for name, value in response.headers.items()}
