"""Send the raw requests of ``sostrades api``."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final, TextIO

from sostrades_cli.errors import SostradesError, UsageError
from sostrades_cli.files.atomic import at_home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.api.http.session import Session

# Without a body they change nothing. The meaning of a body of such a request is not defined.
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TIMEOUT_S: Final = 300.0
# Routes with the number of a study, such as calculation/status/21.
_NUMBERS: Final = re.compile(r"/(?:calculation/[a-z-]+|study-case)/([1-9]\d*)(?=/|$)")


def read_body(data: str | None, stdin: TextIO) -> bytes | None:
    """Return the body for ``--data``: the text itself, or the content of ``@FILE`` or of stdin (``@-``)."""
    if data is None or not data.startswith("@"):
        return None if data is None else data.encode()
    if data == "@-":
        return stdin.buffer.read()
    path = at_home(data[1:])
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}", hint="check the name and the permissions of the file"
        ) from error


def study_of(path: str) -> int | None:
    """Return the number of the study in a path, or ``None`` if the path does not have exactly one number."""
    numbers = _NUMBERS.findall(path)
    return int(numbers[0]) if len(numbers) == 1 else None


@contextlib.contextmanager
def request(
    session: Session, method: str, path: str, body: bytes | None, content_type: str
) -> Iterator[Iterator[bytes]]:
    """Send a request and yield the body of the answer. Reads without a body are retried, others are sent once.

    An HTTP error status raises an error.
    """
    if not path.startswith("/") or path.startswith("//"):
        raise UsageError(f"{path!r} is not a path on the server", hint="begin the path with one slash: /api/v0/...")
    if method in READS and body is None:
        # Answers can be larger than memory, so stream them.
        opened = session.stream(
            method, path, study=study_of(path), read_timeout_s=TIMEOUT_S, page=True, purpose=f"{method} {path}"
        )
        with opened as (_, chunks):
            yield chunks
        return
    headers = {"Content-Type": content_type} if body is not None else None
    try:
        reply = session.write(
            path,
            method=method,
            study=study_of(path),
            content=body,
            headers=headers,
            read_timeout_s=TIMEOUT_S,
            page=True,
            purpose=f"{method} {path}",
        )
    except SostradesError as error:
        if error.answer_lost:
            # A write is never retried, so the user has to check its effect.
            error.add_detail("the request was sent, so the server may have carried it out", first=True)
        raise
    # Other requests are writes: the session reads their answers completely.
    yield iter([reply.body])
