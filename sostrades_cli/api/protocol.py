"""Rules of the API as pure functions: status, headers and body in, a value or an error out."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli import errors
from sostrades_cli.api.http.headers import is_usable_location, retry_after_s
from sostrades_cli.errors import ServerWords
from sostrades_cli.safe_parsers import TooDeepError, distinct, from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from sostrades_cli.local.key_origin import KeyOrigin

OK: Final = range(200, 300)
# Successes with a complete body; a proxy that rewrote the body answers 203.
WHOLE: Final = frozenset({200, 201, 203})
# Valid only as the answer to a range request.
PARTIAL: Final = 206
SUCCESSES: Final = frozenset(OK) - {PARTIAL}
REDIRECTS: Final = range(300, 400)
NOT_MODIFIED: Final = 304
TRANSIENT: Final = frozenset({408, 429, 502, 503, 504})
SERVER_ERRORS: Final = 500
LOAD_FAULT: Final = "'StudyCaseDto' object has no attribute 'treenode'"
WRONG_USER: Final = frozenset({"User identifier does not match API key owner", "User unauthorized", "User not found"})
CHECK_KEY: Final = "sostrades auth status"
NOT_READ_ONLY: Final = "The study is not available in read only mode"
NO_FILE: Final = "[Errno 2] No such file or directory"
LOG_FILE: Final = "-execution.log"
NO_VALUE: Final = "expected str, bytes or os.PathLike object, not NoneType"
ELSEWHERE: Final = "check the server address with `sostrades config explain host`, and add -v to see the requests"
BETWEEN: Final = "check whether a proxy changes the answers, and add -v to see the requests"
CHECK_NETWORK: Final = "check the address and your VPN, or find the problem with `sostrades doctor`"
CHECK_ADDRESS: Final = "check this address. `sostrades config explain host` shows where the server is set"
NO_READ_ONLY_MODE: Final = f"this server has no read-only mode (it is older than {errors.NoRoute.read_only_mode_since})"
NO_LABELS: Final = "this server has no labels and no documentation (it is older than 5.3.1)"
ASK_FOR_UPDATE: Final = "ask the administrator of the server for a newer version"
LATER: Final = "run the command again later"
# Statuses that say more than a failed server or a refused request, with the next step.
_CAUSES: Final = {
    408: ("the server timed out waiting for the request", "check your network, then run the command again"),
    413: (
        "the request is too large for the server",
        "send fewer or smaller values at once, or ask the administrator of the server for a higher limit",
    ),
    429: ("the server got too many requests", "run fewer commands at the same time, and wait before the next one"),
    501: ("the server does not support this request", ASK_FOR_UPDATE),
    503: ("the server is not available", LATER),
    504: ("the server did not answer its proxy in time", LATER),
}
# Seconds for optional additions to a result, such as the cause of a failure.
SHORT_S: Final = 10.0
# The routes that came with 5.3.1.
_LATER_ROUTE: Final = re.compile(r"(?a)/api/v0/(?:study-case/\d+/(?:(read-only-mode)$|saved-)|ontology/)")
UPDATE_CAUSE: Final = "the following exception occurs "
# Patterns of errors are not compiled at import, because most commands need none.
# The server adds these lines to a description, whatever was sent.
_NOISE: Final = r"Mandatory key \w+ found with value None"
# The wrapper around the reason when a download cannot write a value.
_INVALID_FILE: Final = r"(?s)InvalidFile\(The following file .* while trying to read it : (.*)\)"
_LONGEST: Final = 500


class Reply(NamedTuple):
    """A whole answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - a JSON document of any shape
        """Return the body as JSON.

        Raises
        ------
        UnusableAnswer
            The body is not strict JSON.

        """
        return parse_json(self.body, self.headers)

    def json_object(self, *, skipped: Collection[str] = ()) -> dict[str, Any]:
        """Return the body as a JSON object; the values of its keys in ``skipped`` are ``None``, and take no memory.

        Raises
        ------
        UnusableAnswer
            The body is anything else.

        """
        value = parse_json(self.body, self.headers, skipped=skipped)
        if not isinstance(value, dict):
            raise unusable(f"a JSON {json_kind(value)} instead of an object")
        return value


def parse_json(body: bytes, headers: Mapping[str, str], *, skipped: Collection[str] = ()) -> Any:  # noqa: ANN401 - a JSON document of any shape
    """Parse an answer strictly: no NaN, no number beyond a double, no duplicate keys.

    ``skipped`` is as of ``from_json``.

    Raises
    ------
    UnusableAnswer
        The body is not JSON, or nested too deeply.

    """
    try:
        options = {"parse_constant": _reject_constant, "parse_float": _finite, "object_pairs_hook": distinct}
        return from_json(body, skipped=skipped, **options)
    except TooDeepError as error:
        raise unusable(f"JSON that is nested too deeply ({len(body)} bytes)") from error
    except ValueError as error:
        kind = headers.get("content-type", "no content type").split(";")[0]
        raise unusable(f"an answer that is not valid JSON ({len(body)} bytes of {kind})") from error


def _reject_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is too large for a double")
    return value


def unusable(subject: str, hint: str = ELSEWHERE) -> errors.UnusableAnswer:
    """Return the error for an answer that breaks the contract of its route."""
    return errors.UnusableAnswer(f"the server sent {subject}", hint=hint, answer_lost=True)


def incomplete_answer(status: int, headers: Mapping[str, str]) -> errors.UnusableAnswer:
    """Return the error for a success status whose body is incomplete."""
    if status == PARTIAL:
        part = headers.get("content-range", "without a range")
        return unusable(f"only a part of the answer ({PARTIAL}, {part:.80})", hint=BETWEEN)
    return unusable(f"an incomplete answer (status {status})", hint=BETWEEN)


def json_kind(value: object) -> str:
    """Return the name of a value's JSON type."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def failure(reply: Reply, *, study: int | None, now: datetime, address: str = "this address") -> errors.SostradesError:
    """Turn an unsuccessful answer of an ``address`` into an error."""
    if reply.status in REDIRECTS:
        return _redirected(reply, study)
    words = ServerWords(reply.status, useful_text(description(reply)))
    # The application answers unknown routes with its own JSON; a bare 404 comes from another server.
    if reply.status == 404 and not is_from_application(reply):  # noqa: PLR2004 - HTTP's own number
        return errors.ServerFault(
            f"there is no SoSTrades API at {address}",
            hint=CHECK_ADDRESS,
            study=study,
            server=words,
        )
    # The text first: the server uses one status for many causes.
    known = _by_text(words, study)
    if known is not None:
        return known
    error = _by_status(words, study, address)
    error.transient = reply.status in TRANSIENT
    error.retry_after_s = retry_after_s(reply.headers.get("retry-after"), now)
    # A proxy that gave up may have passed the change on.
    error.answer_lost = reply.status >= SERVER_ERRORS
    if error.retry_after_s and error.retry_after_s < math.inf:
        error.hint = f"wait {error.retry_after_s:.0f} s as the server asks, then run the command again"
    return error


def _redirected(reply: Reply, study: int | None) -> errors.ServerFault:
    if reply.status == NOT_MODIFIED:
        return unusable(f"{NOT_MODIFIED} (not modified) to a request for the whole answer", hint=BETWEEN)
    location = reply.headers.get("location", "").strip()
    if not location:
        return unusable(f"a redirect without an address ({reply.status})", hint=BETWEEN)
    return errors.RedirectRefused(
        f"the server redirects to {location!r}",
        detail="redirects are followed only for reads on the same server, so that the key is not sent elsewhere",
        hint="if you trust that address, use it with `--host URL`" if is_usable_location(location) else BETWEEN,
        study=study,
    )


def is_from_application(reply: Reply) -> bool:
    """Return whether the application wrote an error, not a proxy or another server."""
    try:
        payload = from_json(reply.body)
    except ValueError:
        return False
    return isinstance(payload, dict) and "statusCode" in payload


def description(reply: Reply) -> str:
    """Return the application's error text; for any other answer, its content type and size."""
    try:
        payload = from_json(reply.body)
    except ValueError:
        payload = None
    if isinstance(payload, dict) and isinstance(payload.get("description"), str):
        return str(payload["description"])
    kind = reply.headers.get("content-type", "").split(";")[0] or "no content type"
    return f"({len(reply.body)} bytes of {kind}, not from the SoSTrades API)"


def useful_text(text: str) -> str:
    """Return the first useful line of a description, which may contain a whole traceback; empty if it is blank."""
    # An update that fails answers with the server's whole traceback; the cause follows these words.
    if UPDATE_CAUSE in text:
        text = text.split(UPDATE_CAUSE, 1)[1]
    if wrapped := re.fullmatch(_INVALID_FILE, text.strip()):
        text = wrapped[1]
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    # Noise is better than nothing.
    line = next((line for line in lines if not re.fullmatch(_NOISE, line)), lines[0] if lines else "")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def with_origin(error: errors.SostradesError, key_origin: Callable[[], KeyOrigin] | None) -> errors.SostradesError:
    """Add the origin of the key to the error of a rejected key, and the advice for that origin."""
    if key_origin is None or not isinstance(error, errors.KeyRejected):
        return error
    origin = key_origin()
    if error.server is not None and error.server.description in WRONG_USER:
        return error.reworded(f"the server does not accept the key {origin.name} for this user", hint=origin.other_user)
    return error.reworded(f"the server does not accept the API key {origin.name}", hint=origin.replace)


def _by_text(words: ServerWords, study: int | None) -> errors.SostradesError | None:
    """Return the error that a known text of the server stands for."""
    return _by_access(words, study) or _by_state(words, study)


def _by_access(words: ServerWords, study: int | None) -> errors.SostradesError | None:
    text = words.description
    # Routes disagree: an unknown study is 403, but 500 in read-only mode and 400 for the link.
    if words.status in {400, 403, 500} and (text.startswith("InvalidStudy(") or "too large to convert" in text):
        return errors.NoStudy(
            f"there is no {_name(study)} on the server",
            hint="check the number in the address of the study's page, or list the studies used on this computer with "
            "`sostrades study list`",
            study=study,
            server=words,
        )
    if text.startswith("You do not have the necessary rights"):
        return errors.PermissionDenied(
            f"you do not have permission to access {_name(study)}",
            hint="ask the owner for access, or check which key is used with `sostrades auth status`",
            study=study,
            server=words,
        )
    if text in WRONG_USER:
        return errors.KeyRejected(
            "the server does not accept the key for this user",
            hint=CHECK_KEY,
            study=study,
            server=words,
        )
    return None


def _by_state(words: ServerWords, study: int | None) -> errors.SostradesError | None:
    text = words.description
    if text.startswith("CalculationError(") and words.status == 400:  # noqa: PLR2004 - HTTP's own number
        return _not_started(words, study)
    if text == LOAD_FAULT:
        return errors.LoadFault(
            f"loading is broken on this server (HTTP 400, a known bug of {errors.LoadFault.versions})",
            hint=f"finish a run, after which the inputs can be read: `sostrades calc run {study or 'STUDY'}`",
            study=study,
            server=words,
        )
    if NO_FILE in text and LOG_FILE in text:
        # The name of the log contains the number of the last execution, None before the first.
        why = "has never been run" if f"sceNone{LOG_FILE}" in text else "failed to start the last time"
        return errors.NeverRan(
            f"{_name(study)} has no log because it {why}",
            hint=f"sostrades calc run {study or 'STUDY'}",
            study=study,
            server=words._replace(shown=False),
        )
    return None


def _not_started(words: ServerWords, study: int | None) -> errors.Refused:
    """Return the error for a refused execute: a run is active, or the study cannot be loaded."""
    if "Study already submitted" in words.description:
        return errors.RunActive(
            f"{_name(study)} is already running",
            detail="the server may have marked the run as FAILED when it refused this start",
            hint=f"sostrades calc watch {study or 'STUDY'}",
            study=study,
            server=words,
        )
    return errors.Refused(
        f"the server could not start {_name(study)}, whose status may now be FAILED",
        detail="the server does this if it cannot load the study, or if the study is a copy without any change",
        hint="open the study in the web page, or set a parameter first: "
        f"`sostrades param set {study or 'STUDY'} KEY=VALUE`",
        study=study,
        server=words._replace(shown=NO_FILE not in words.description),
    )


def _name(study: int | None) -> str:
    return f"study {study}" if study is not None else "the study"


def _by_status(words: ServerWords, study: int | None, address: str) -> errors.SostradesError:
    status = words.status
    if status == 401:  # noqa: PLR2004 - HTTP's own number
        return errors.KeyRejected(
            "the server does not accept the API key",
            hint=CHECK_KEY,
            study=study,
            server=words,
        )
    if status == 403:  # noqa: PLR2004
        return errors.AccessError("the server denies access", hint="sostrades auth status", study=study, server=words)
    if status == 404 and (route := _LATER_ROUTE.search(address)):  # noqa: PLR2004
        return errors.NoRoute(
            NO_READ_ONLY_MODE if route[1] else NO_LABELS,
            hint=ASK_FOR_UPDATE,
            study=study,
            server=words._replace(shown=False),
        )
    if status == 404:  # noqa: PLR2004
        return errors.NoRoute(
            f"{address} does not exist on the server",
            hint=CHECK_ADDRESS,
            study=study,
            server=words,
        )
    if status >= SERVER_ERRORS or status in TRANSIENT:
        cause, hint = _CAUSES.get(status, ("the server failed", LATER))
        return errors.ServerFault(f"{cause} ({status})", hint=hint, study=study, server=words)
    cause, hint = _CAUSES.get(status, ("the server refused the request", "correct the request, which -v shows"))
    return errors.Refused(f"{cause} ({status})", hint=hint, study=study, server=words)
