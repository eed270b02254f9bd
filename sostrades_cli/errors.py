"""Every error that the tool reports, as one tree.

::

    SostradesError
    ├── UsageError            wrong usage or unusable local input; nothing was sent
    │   ├── FileConflict      the target exists already
    │   └── ExtraMissing      an optional part is not installed
    ├── WriteFailed             what the server was asked for cannot be written here
    ├── RunFailed             the calculation ended FAILED, STOPPED or POD ERROR
    ├── AccessError           no key, key rejected, or no right on the study
    │   ├── KeyMissing
    │   ├── KeyRejected
    │   ├── KeyringError      the keyring is missing, locked or does not answer
    │   └── PermissionDenied
    ├── NotFound              no such study, parameter or chart on the server
    │   └── NoStudy           the server has no such study
    ├── Unreachable           the server was not reached, or stopped answering
    ├── ServerFault           the server failed or answered something unusable
    │   ├── UnusableAnswer    an answer that is not what the route promises
    │   ├── RedirectRefused   a redirect to another origin
    │   ├── NoRoute           an address that the server does not have
    │   ├── LinkFault         the link route of servers up to 5.3.4
    │   ├── LoadFault         the load route of servers 5.0.2 to 5.3.4
    │   │   └── StudyLoadFault  the server fails while it loads this study
    │   ├── NoLayout          the server cannot write the value as CSV
    │   └── UploadFault       the file upload of servers 4.2.0 to 5.3.4
    ├── Refused               the server refused, or holds something else afterwards
    │   ├── RunActive         a run is going on
    │   ├── NeverRan          the study has no run to watch or to read the log of
    │   ├── NoValue           the parameter exists and has no value yet
    │   ├── Conflict          the server holds something that someone else put there
    │   └── NotVerified       what was read back is not what was sent
    ├── Different             differences were found, and --exit-code was given
    ├── WaitTimeout          time ran out while waiting
    ├── Interrupted           Ctrl-C
    ├── Terminated            SIGTERM
    └── HungUp                SIGHUP: the terminal was closed

An error carries facts, not prose: what failed (``message``), what is known beyond that (``detail``), what to
type next (``hint``), the study and the server's own words. How it looks is decided where it is printed.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class ServerWords(NamedTuple):
    """What the server said: the HTTP status and the useful part of its description.

    ``shown`` is false if the words only name files of the server, and the error says what they mean: people do not
    see them then, scripts do.
    """

    status: int
    description: str
    shown: bool = True


class Termination(KeyboardInterrupt):
    """SIGTERM, raised where the program is; like Ctrl-C it is nothing that a caller could handle as an error."""


class Hangup(KeyboardInterrupt):
    """SIGHUP, raised where the program is, as ``Termination`` is."""


class SostradesError(Exception):
    """Base of the tree.

    ``transient`` says that the same read may succeed a moment later; ``retry_after_s`` is the wait that the
    server asked for, in seconds. ``answer_lost`` says that a request was sent and its answer never arrived
    whole, so that only reading the state back tells what happened. ``in_doubt`` says that a change was sent, and that
    the server holds it in part, or that what it holds is not known. ``result`` is what a program gets all the same,
    where only a part of what it asked for failed: what the call would have returned, as far as it came.
    """

    kind = "error"
    result: Any = None

    def __init__(
        self,
        message: str,
        *,
        detail: str | None = None,
        hint: str | None = None,
        study: int | None = None,
        server: ServerWords | None = None,
        transient: bool = False,
        retry_after_s: float | None = None,
        answer_lost: bool = False,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint
        self.study = study
        self.server = server
        self.transient = transient
        self.retry_after_s = retry_after_s
        self.answer_lost = answer_lost
        self.in_doubt = in_doubt

    def add_detail(self, text: str, *, first: bool = False) -> None:
        """Say more, after what is known already; with ``first`` before it."""
        known = [self.detail] if self.detail else []
        self.detail = "\n".join([text, *known] if first else [*known, text])


class UsageError(SostradesError):
    """Wrong usage or unusable local input; nothing was sent."""

    kind = "usage"


class FileConflict(UsageError):
    """The target exists already."""


class ExtraMissing(UsageError):
    """An optional part of the distribution is not installed."""


class WriteFailed(SostradesError):
    """What was made cannot be written, on a full disk for one; a server may have been asked, and sent to, before."""


class RunFailed(SostradesError):
    """The calculation ended FAILED, STOPPED or POD ERROR."""

    kind = "run_failed"


class AccessError(SostradesError):
    """No key, key rejected, or no right on the study."""

    kind = "access"


class KeyMissing(AccessError):
    """No API key is known for the server."""


class KeyRejected(AccessError):
    """The server does not accept the key."""


class KeyringError(AccessError):
    """The keyring is missing, locked or does not answer."""


class PermissionDenied(AccessError):
    """The key is good, the study is not open to it."""


class NotFound(SostradesError):
    """No such study, parameter or chart on the server."""

    kind = "not_found"


class NoStudy(NotFound):
    """The server has no study of this number."""


class Unreachable(SostradesError):
    """The server was not reached, or stopped answering."""

    kind = "unreachable"


class ServerFault(SostradesError):
    """The server failed or answered something the tool cannot use."""

    kind = "server_fault"


class UnusableAnswer(ServerFault):
    """An answer that is not what the route promises."""


class RedirectRefused(ServerFault):
    """A redirect that would carry the key to another origin."""


class NoRoute(ServerFault):
    """An address that the server does not have: the path is wrong, or the route newer than the server."""


class LinkFault(ServerFault):
    """The link route of servers up to 5.3.4 answers 500 to the key of a user."""


class LoadFault(ServerFault):
    """The load route of servers 5.0.2 to 5.3.4 answers 400 whatever the study."""


class StudyLoadFault(LoadFault):
    """The server fails while it loads this study, though it may load others."""


class UploadFault(ServerFault):
    """The file upload of servers 4.2.0 to 5.3.4 answers 415 whatever the file."""


class NoLayout(ServerFault):
    """The server fails to write the parameter's value as a file, such as an array of two dimensions."""


class Refused(SostradesError):
    """The server refused the request, or what it holds afterwards is not what was asked."""

    kind = "refused"


class RunActive(Refused):
    """A run is going on, and the request would destroy it."""


class NeverRan(Refused):
    """The study has no run to watch or to read the log of."""


class NoValue(Refused):
    """The parameter exists and has no value yet."""


class Conflict(Refused):
    """The server holds something that someone else put there meanwhile; nothing was sent."""


class NotVerified(Refused):
    """What was read back is not what was sent."""


class Different(SostradesError):
    """Differences were found, and ``--exit-code`` was given."""

    kind = "different"


class WaitTimeout(SostradesError):
    """Time ran out while waiting; the server goes on."""

    kind = "timeout"


class Interrupted(SostradesError):
    """Interrupted from the keyboard; a run on the server goes on."""

    kind = "interrupted"


class Terminated(SostradesError):
    """Ended by SIGTERM; a run on the server goes on."""

    kind = "terminated"


class HungUp(SostradesError):
    """Ended by SIGHUP, since the terminal or the connection to it was closed; a run on the server goes on."""

    kind = "hung_up"


def stopped_by(error: BaseException) -> tuple[type[SostradesError], str]:
    """Return the class of the error that a stop of the program stands for, and the word for what happened."""
    if isinstance(error, Hangup):
        return HungUp, "hung up"
    return (Terminated, "terminated") if isinstance(error, Termination) else (Interrupted, "interrupted")
