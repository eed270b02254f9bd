"""Every error that the tool reports, as one tree.

::

    SostradesError
    ├── UsageError            wrong usage or unusable local input; nothing was sent
    │   ├── FileConflict      the target exists already
    │   ├── FolderInUse       another command is writing into the folder
    │   ├── NoFileLocks       the file system has no locks
    │   ├── InvalidSetting    a setting is missing, contradictory or cannot be used
    │   ├── InvalidValue      the parameter does not take the value
    │   ├── InvalidFile       a local file is missing, unreadable or damaged
    │   ├── AmbiguousName     a name stands for several parameters or charts
    │   └── ExtraMissing      an optional part is not installed
    ├── WriteFailed             the result cannot be written
    ├── RunFailed             the calculation ended FAILED, STOPPED or POD ERROR
    ├── AccessError           no key, key rejected, or no permission on the study
    │   ├── KeyMissing
    │   ├── KeyRejected
    │   ├── KeyringError      the keyring is missing or failed
    │   │   └── KeyringLocked   the keyring is locked or does not answer
    │   └── PermissionDenied
    ├── NotFound              no such study, parameter or chart on the server
    │   └── NoStudy           the server has no such study
    ├── Unreachable           the server was not reached, or stopped answering
    ├── ServerFault           the server failed or sent an unusable answer
    │   ├── UnusableAnswer    an answer that breaks the contract of its route
    │   ├── RedirectRefused   a redirect to another origin
    │   ├── NoRoute           an address that the server does not have
    │   ├── LinkFault         the link route of servers up to 5.3.4
    │   ├── LoadFault         the load route of servers 5.0.2 to 5.3.4
    │   │   └── StudyLoadFault  the server fails while it loads this study
    │   ├── NoLayout          the server cannot write the value as CSV
    │   └── UploadFault       the file upload of servers 4.2.0 to 5.3.4
    ├── Refused               the server refused, or holds something else afterwards
    │   ├── RunActive         a run is active
    │   ├── NeverRan          the study has no run to watch or to read the log of
    │   ├── NoValue           the parameter exists and has no value yet
    │   ├── Conflict          somebody else changed a value in the meantime
    │   └── NotVerified       the value read back is not the value sent
    ├── Different             differences were found, and --exit-code was given
    ├── WaitTimeout           time ran out while waiting
    ├── Interrupted           Ctrl-C
    ├── Terminated            SIGTERM
    └── HungUp                SIGHUP: the terminal was closed

An error carries facts, not prose: the failure (``message``), further facts (``detail``), the next command to type
(``hint``), the study and the server's own words. The place that prints it decides how it looks.

Each class has a ``kind`` of its own, a short word for scripts and tests that stays the same when messages change.
Every kind belongs to one exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from types import EllipsisType


class ServerWords(NamedTuple):
    """The server's answer to a failed request: the HTTP status and the useful part of its description.

    ``shown`` is false if the words only name files of the server, and the error itself explains them: people do not
    see them then, scripts do.
    """

    status: int
    description: str
    shown: bool = True


class Termination(KeyboardInterrupt):
    """SIGTERM, raised at the current line; like Ctrl-C, callers cannot handle it as an error."""


class Hangup(KeyboardInterrupt):
    """SIGHUP, raised at the current line, as ``Termination`` is."""


class SostradesError(Exception):
    """Base of the tree.

    ``transient`` says that the same read may succeed a moment later; ``retry_after_s`` is the wait that the
    server asked for, in seconds. ``answer_lost`` says that a request was sent and its answer never arrived
    whole, so that only reading the state back shows the outcome. ``in_doubt`` says that a change was sent, and that
    the server holds it in part, or that its state is unknown. ``result`` is the partial result of a call of the
    library, if only a part of it failed.
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
        """Add a line to the detail, at its end or with ``first`` at its beginning."""
        known = [self.detail] if self.detail else []
        self.detail = "\n".join([text, *known] if first else [*known, text])

    def reworded(
        self,
        message: str,
        *,
        detail: str | EllipsisType | None = ...,
        hint: str | EllipsisType | None = ...,
        study: int | EllipsisType | None = ...,
        in_doubt: bool | EllipsisType = ...,
    ) -> Self:
        """Return the same error with another message, for a caller that knows more about it.

        Class, server words, ``transient``, ``retry_after_s``, ``answer_lost`` and ``result`` stay, and so does every
        other fact that is not given.
        """
        error = type(self)(
            message,
            detail=self.detail if detail is ... else detail,
            hint=self.hint if hint is ... else hint,
            study=self.study if study is ... else study,
            server=self.server,
            transient=self.transient,
            retry_after_s=self.retry_after_s,
            answer_lost=self.answer_lost,
            in_doubt=self.in_doubt if in_doubt is ... else in_doubt,
        )
        error.result = self.result
        return error


class UsageError(SostradesError):
    """Wrong usage or unusable local input; nothing was sent."""

    kind = "usage"


class FileConflict(UsageError):
    """The target exists already."""

    kind = "file_conflict"


class FolderInUse(UsageError):
    """Another command is writing into the folder."""

    kind = "folder_in_use"


class NoFileLocks(UsageError):
    """The file system has no locks, so two commands could overwrite each other's changes."""

    kind = "no_file_locks"


class InvalidSetting(UsageError):
    """A setting is missing, contradictory or cannot be used."""

    kind = "invalid_setting"


class InvalidValue(UsageError):
    """The parameter does not take the value: wrong type, unit, range or choice."""

    kind = "invalid_value"


class InvalidFile(UsageError):
    """A local file is missing, unreadable, damaged or of another layout."""

    kind = "invalid_file"


class AmbiguousName(UsageError):
    """A name stands for several parameters or charts."""

    kind = "ambiguous_name"


class ExtraMissing(UsageError):
    """An optional part of the distribution is not installed."""

    kind = "extra_missing"


class WriteFailed(SostradesError):
    """The result cannot be written, for example to a full disk; requests may have been sent before."""

    kind = "write_failed"


class RunFailed(SostradesError):
    """The calculation ended FAILED, STOPPED or POD ERROR."""

    kind = "run_failed"


class AccessError(SostradesError):
    """No key, key rejected, or no permission on the study."""

    kind = "access"


class KeyMissing(AccessError):
    """No API key is known for the server."""

    kind = "key_missing"


class KeyRejected(AccessError):
    """The server does not accept the key."""

    kind = "key_rejected"


class KeyringError(AccessError):
    """The keyring is missing or failed."""

    kind = "keyring"


class KeyringLocked(KeyringError):
    """The keyring is locked, or does not answer, which usually means the same."""

    kind = "keyring_locked"


class PermissionDenied(AccessError):
    """The key is good, and its user has no permission on the study."""

    kind = "permission_denied"


class NotFound(SostradesError):
    """No such study, parameter or chart on the server."""

    kind = "not_found"


class NoStudy(NotFound):
    """The server has no study of this number."""

    kind = "no_study"


class Unreachable(SostradesError):
    """The server was not reached, or stopped answering."""

    kind = "unreachable"


class ServerFault(SostradesError):
    """The server failed or sent an answer that the tool cannot use."""

    kind = "server_fault"


class UnusableAnswer(ServerFault):
    """An answer that breaks the contract of its route."""

    kind = "unusable_answer"


class RedirectRefused(ServerFault):
    """A redirect that would carry the key to another origin."""

    kind = "redirect_refused"


class NoRoute(ServerFault):
    """An address that the server does not have: the path is wrong, or the route newer than the server."""

    kind = "no_route"


class LinkFault(ServerFault):
    """The link route of servers up to 5.3.4 answers 500 to the key of a user."""

    kind = "link_fault"


class LoadFault(ServerFault):
    """The load route of servers 5.0.2 to 5.3.4 answers 400 for every study."""

    kind = "load_fault"


class StudyLoadFault(LoadFault):
    """The server fails while it loads this study, though it may load others."""

    kind = "study_load_fault"


class UploadFault(ServerFault):
    """The file upload of servers 4.2.0 to 5.3.4 answers 415 for every file."""

    kind = "upload_fault"


class NoLayout(ServerFault):
    """The server fails to write the parameter's value as a file, such as an array of two dimensions."""

    kind = "no_layout"


class Refused(SostradesError):
    """The server refused the request, or the study does not hold the wanted values afterwards."""

    kind = "refused"


class RunActive(Refused):
    """A run is active, and the request would destroy it."""

    kind = "run_active"


class NeverRan(Refused):
    """The study has no run to watch or to read the log of."""

    kind = "never_ran"


class NoValue(Refused):
    """The parameter exists and has no value yet."""

    kind = "no_value"


class Conflict(Refused):
    """Somebody else changed a value in the meantime; nothing was sent."""

    kind = "conflict"


class NotVerified(Refused):
    """The value read back is not the value sent."""

    kind = "not_verified"


class Different(SostradesError):
    """Differences were found, and ``--exit-code`` was given."""

    kind = "different"


class WaitTimeout(SostradesError):
    """Time ran out while waiting; the run continues."""

    kind = "timeout"


class Interrupted(SostradesError):
    """Interrupted from the keyboard; a run on the server continues."""

    kind = "interrupted"


class Terminated(SostradesError):
    """Ended by SIGTERM; a run on the server continues."""

    kind = "terminated"


class HungUp(SostradesError):
    """Ended by SIGHUP, since the terminal or the connection to it was closed; a run on the server continues."""

    kind = "hung_up"


def stopped_by(error: BaseException) -> tuple[type[SostradesError], str]:
    """Return the class of error for a signal that stopped the program, and its past participle."""
    if isinstance(error, Hangup):
        return HungUp, "hung up"
    return (Terminated, "terminated") if isinstance(error, Termination) else (Interrupted, "interrupted")
