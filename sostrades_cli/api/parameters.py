"""Routes of parameters: download and update."""

from __future__ import annotations

import contextlib
from typing import IO, TYPE_CHECKING, Final

from sostrades_cli.api.protocol import NO_VALUE, unusable
from sostrades_cli.errors import NoLayout, NotFound, NoValue, Refused, UploadFault
from sostrades_cli.safe_parsers import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.models import Json
    from sostrades_cli.api.protocol import Reply

BASE: Final = "/api/v0/study-case"
UPDATE_S: Final = 60.0
# Large files take minutes on slow connections.
UPLOAD_S: Final = 300.0
BAD_REQUEST: Final = 400
UNSUPPORTED_MEDIA_TYPE: Final = 415


class ParametersApi:
    """Requests about parameters; a key is a parameter's full name."""

    def __init__(self, session: Session, on_name: Callable[[int, str], None]) -> None:
        self._session = session
        self._on_name = on_name

    def content(self, study: int, key: str) -> bytes:
        """Return a parameter's content as the server's CSV.

        Raises
        ------
        NotFound
            The study has no such parameter.
        NoValue
            The parameter has no value yet.

        """
        with _download_errors(study, key):
            path = f"{BASE}/{study}/parameter/download"
            body, purpose = {"parameter_key": key}, f"Reading {key}"
            return self._session.read("POST", path, study=study, json=body, expects=_csv, purpose=purpose).body

    @contextlib.contextmanager
    def stream(self, study: int, key: str, *, exact: bool = False) -> Iterator[Iterator[bytes]]:
        """Open a parameter's content as chunks of the server's CSV; ``exact`` is as in ``Session.stream``."""
        path, body, purpose = f"{BASE}/{study}/parameter/download", {"parameter_key": key}, f"Reading {key}"
        with (
            _download_errors(study, key),
            self._session.stream("POST", path, study=study, json=body, exact=exact, purpose=purpose) as opened,
        ):
            yield _csv(*opened)

    def update(self, study: int, values: Sequence[tuple[str, Json, str | None]]) -> None:
        """Send values (key, value, unit) in one request; success means accepted, not applied."""
        path, body, purpose = f"{BASE}/{study}/parameters", update_body(values), f"Changing study {study}"
        reply = self._session.write(path, study=study, json=body, read_timeout_s=UPDATE_S, purpose=purpose)
        self._report_name(study, reply)

    def takes_files(self, study: int) -> bool:
        """Return whether the server accepts files. The request contains none and changes nothing."""
        # Servers that accept no files answer 415 to every form; others answer 400 because the file is missing.
        path, form = f"{BASE}/{study}/parameters", {"nothing": (None, b"", "text/plain")}
        try:
            purpose = f"Checking whether study {study} accepts files"
            self._session.write(path, study=study, files=form, read_timeout_s=UPDATE_S, purpose=purpose)
        except Refused as error:
            status = error.server.status if error.server else None
            if status not in {BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE}:
                raise
            return status == BAD_REQUEST
        raise unusable("a success for a request without a file")

    def upload(self, study: int, files: Mapping[str, IO[bytes]]) -> None:
        """Send CSV files (by key) in one request.

        Raises
        ------
        UploadFault
            The server answers 415, as some versions do for every file. Nothing changed.

        """
        # The server finds the parameter by the field's name; the user's file name may be confidential.
        parts = {key: (f"{number}.csv", file, "text/csv") for number, (key, file) in enumerate(files.items())}
        path = f"{BASE}/{study}/parameters"
        try:
            purpose = f"Uploading to study {study}"
            reply = self._session.write(path, study=study, files=parts, read_timeout_s=UPLOAD_S, purpose=purpose)
            self._report_name(study, reply)
        except Refused as error:
            if error.server is None or error.server.status != UNSUPPORTED_MEDIA_TYPE:
                raise
            raise UploadFault(
                f"uploading files is broken on this server (a known bug of {UploadFault.versions})",
                detail=f"nothing was changed. Not sent: {', '.join(files)}",
                hint="upload the file in the web page. Numbers, texts, lists and dicts can be set without a file",
                study=study,
                server=error.server,
            ) from error

    def _report_name(self, study: int, reply: Reply) -> None:
        """Pass on the study's name from the answer to a change."""
        try:
            name = from_json(reply.body)["study_case"]["name"]
        except (ValueError, TypeError, LookupError):
            return  # the change succeeded, even if its answer cannot be parsed
        if isinstance(name, str):
            self._on_name(study, name)


def update_body(values: Sequence[tuple[str, Json, str | None]]) -> list[dict[str, Json]]:
    """Return the JSON body of an update: key, value and unit of each."""
    return [{"variableId": key, "newValue": value, "unit": unit} for key, value, unit in values]


def _csv(headers: Mapping[str, str], chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass a CSV file on. An empty one is an error: the server always writes a header line."""
    kind = headers.get("content-type", "no content type").split(";")[0]
    if kind != "text/csv":
        raise unusable(f"{kind} instead of a CSV file")
    empty = True
    for chunk in chunks:
        empty = empty and not chunk
        yield chunk
    if empty:
        raise unusable("an empty file instead of a CSV file")


@contextlib.contextmanager
def _download_errors(study: int, key: str) -> Iterator[None]:
    """Turn the error texts of a download into specific errors."""
    try:
        yield
    except Refused as error:
        text = error.server.description if error.server else ""
        # For an unknown key the server reports Python's KeyError, whose text is the quoted key.
        if text == repr(key):
            raise NotFound(
                f"there is no parameter {key} in study {study}",
                hint=f"sostrades param list {study}",
                study=study,
                server=error.server,
            ) from error
        # The server tries to open the file of a value that does not exist; this is Python's own message.
        if text == NO_VALUE:
            raise NoValue(
                f"{key} has no value yet",
                hint=f"compute an output with `sostrades calc run {study}`, or set an input with "
                f"`sostrades param set {study} {key}=VALUE`",
                study=study,
                server=error.server,
            ) from error
        if error.server is not None and error.server.status == BAD_REQUEST:
            raise NoLayout(
                f"this server cannot download {key}",
                detail="the server cannot write such a value (a list of lists, an array of several dimensions) as CSV",
                hint="look at the value in the web page",
                study=study,
                server=error.server,
            ) from error
        raise
