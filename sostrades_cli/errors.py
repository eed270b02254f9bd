"""Every error that the tool reports, as one tree.

    SostradesError
    ├── UsageError            wrong usage or unusable local input; nothing was sent
    │   ├── FileConflict      the target exists already
    │   ├── FolderInUse       another command is writing into the folder
    │   ├── NoFileLocks       the file system has no locks
    │   ├── InvalidSetting    a setting is missing, contradictory or cannot be used
    │   ├── InvalidValue      the parameter does not take the value
    │   ├── InvalidFile       a local file is missing, unreadable or damaged
    │   ├── AmbiguousName     a name stands for several parameters or charts
    │   ├── NothingToUndo     the history holds no change that can be reverted
    │   └── ExtraMissing      an optional part is not installed
    ├── WriteFailed             the result cannot be written
    ├── RunFailed             the calculation ended FAILED, STOPPED or POD ERROR
    ├── AccessError           no key, key rejected, or no permission on the study
    │   ├── KeyMissing
    │   ├── KeyRejected
    │   ├── KeyringError      the keyring is missing or failed
    │   │   └── KeyringLocked   the keyring is locked or does not answer
    │   ├── KeySourceError    the variable, file or command that has the key cannot be used
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
    │   ├── RunLost           somebody changed or started the study during its run
    │   ├── NeverRan          the study has no run to watch or to read the log of
    │   ├── NoValue           the parameter exists and has no value yet
    │   ├── Conflict          somebody else changed a value in the meantime
    │   └── NotVerified       the value read back is not the value sent
    ├── Different             differences were found, and --exit-code was given
    ├── WaitTimeout           time ran out while waiting
    ├── UserInterrupt         Ctrl-C
    ├── Terminated            SIGTERM
    └── HungUp                SIGHUP: the terminal was closed

An error carries facts, not prose: the failure (``message``), further facts (``detail``), the next command to type
(``hint``), the study and the server's own words. The place that prints it decides how it looks.

Each class has a ``kind`` of its own, a short word for scripts and tests that stays the same when messages change.
Every kind belongs to one exit code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import EllipsisType


# Stands for the number of the study in the hint of an error that is raised where the study is not known.
PLACEHOLDER: Final = r"\bSTUDY\b"
MOST_LINES_IN_NOTEBOOK: Final = 10
BLANKS: Final = " \xa0\u202f"


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


def rendered(error: BaseException) -> list[str]:
    """Return the lines that IPython shows instead of a traceback: the error, and its notes with the hint."""
    lines = [f"{type(error).__name__}: {error}"]
    for note in getattr(error, "__notes__", ()):
        parts = note.split("\n")
        # The detail of a failed run is the traceback of the model, whose end is the cause.
        lines += ["...", *parts[-MOST_LINES_IN_NOTEBOOK:]] if len(parts) > MOST_LINES_IN_NOTEBOOK else parts
    # Text of the server is untrusted, and notebooks interpret escape sequences.
    return ["".join(c if c.isprintable() or c in BLANKS else ascii(c)[1:-1] for c in line) for line in lines]


class SostradesError(Exception):
    """Base of the tree.

    ``transient`` says that the same read may succeed a moment later; ``retry_after_s`` is the wait that the
    server asked for, in seconds. ``answer_lost`` says that a request was sent and its answer never arrived
    whole, so that only reading the state back shows the outcome. ``in_doubt`` says that a change was sent, and that
    the server holds it in part, or that its state is unknown. ``result`` is the partial result of a call of the
    library, if only a part of it failed. ``causes`` are the errors of each study or parameter, if several failed.
    """

    kind = "error"
    result: Any = None

    def __init_subclass__(cls, *, kind: str) -> None:
        """Give a class its kind; none inherits that of its parent."""
        super().__init_subclass__()
        cls.kind = kind

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
        causes: Sequence[SostradesError] = (),
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
        self.causes = tuple(causes)

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows instead of a traceback."""
        return rendered(self)

    def add_detail(self, text: str, *, first: bool = False) -> None:
        """Add a line to the detail, at its end or with ``first`` at its beginning."""
        known = [self.detail] if self.detail else []
        self.detail = "\n".join([text, *known] if first else [*known, text])

    def name_study(self, studies: Sequence[int]) -> None:
        """Add the study of a command with a single study, unless the error has one: as a fact, and to its hint.

        The causes get it, too.
        """
        if len(studies) != 1:
            return
        self.study = self.study or studies[0]
        if self.hint is not None:
            self.hint = re.sub(PLACEHOLDER, str(self.study), self.hint)
        for cause in self.causes:
            hint = cause.hint
            cause.name_study(studies)
            # The details have the hints of the causes as they were.
            if hint and cause.hint and self.detail:
                self.detail = self.detail.replace(hint, cause.hint)

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

        Class, server words, ``transient``, ``retry_after_s``, ``answer_lost``, ``causes`` and ``result`` stay, and so
        does every other fact that is not given.
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
            causes=self.causes,
        )
        error.result = self.result
        return error


class UsageError(SostradesError, kind="usage"):
    """Wrong usage or unusable local input; nothing was sent."""


class FileConflict(UsageError, kind="file_conflict"):
    """The target exists already."""


class FolderInUse(UsageError, kind="folder_in_use"):
    """Another command is writing into the folder."""


class NoFileLocks(UsageError, kind="no_file_locks"):
    """The file system has no locks, so two commands could overwrite each other's changes."""


class InvalidSetting(UsageError, kind="invalid_setting"):
    """A setting is missing, contradictory or cannot be used."""


class InvalidValue(UsageError, kind="invalid_value"):
    """The parameter does not take the value: wrong type, unit, range or choice."""


class InvalidFile(UsageError, kind="invalid_file"):
    """A local file is missing, unreadable, damaged or of another layout."""


class AmbiguousName(UsageError, kind="ambiguous_name"):
    """A name stands for several parameters or charts."""


class NothingToUndo(UsageError, kind="nothing_to_undo"):
    """The history holds no change that can be reverted."""


class ExtraMissing(UsageError, kind="extra_missing"):
    """An optional part of the distribution is not installed."""


class WriteFailed(SostradesError, kind="write_failed"):
    """The result cannot be written, for example to a full disk; requests may have been sent before."""


class RunFailed(SostradesError, kind="run_failed"):
    """The calculation ended FAILED, STOPPED or POD ERROR."""


class AccessError(SostradesError, kind="access"):
    """No key, key rejected, or no permission on the study."""


class KeyMissing(AccessError, kind="key_missing"):
    """No API key is known for the server."""


class KeyRejected(AccessError, kind="key_rejected"):
    """The server does not accept the key."""


class KeyringError(AccessError, kind="keyring"):
    """The keyring is missing or failed."""


class KeyringLocked(KeyringError, kind="keyring_locked"):
    """The keyring is locked, or does not answer, which usually means the same."""


class KeySourceError(AccessError, kind="key_source"):
    """The source of the key cannot be used: SOSTRADES_API_KEY, SOSTRADES_API_KEY_FILE, key_command, keys.json."""


class PermissionDenied(AccessError, kind="permission_denied"):
    """The key is good, and its user has no permission on the study."""


class NotFound(SostradesError, kind="not_found"):
    """No such study, parameter or chart on the server."""


class NoStudy(NotFound, kind="no_study"):
    """The server has no study of this number."""


class Unreachable(SostradesError, kind="unreachable"):
    """The server was not reached, or stopped answering."""


class ServerFault(SostradesError, kind="server_fault"):
    """The server failed or sent an answer that the tool cannot use."""


class UnusableAnswer(ServerFault, kind="unusable_answer"):
    """An answer that breaks the contract of its route."""


class RedirectRefused(ServerFault, kind="redirect_refused"):
    """A redirect that would carry the key to another origin."""


class NoRoute(ServerFault, kind="no_route"):
    """An address that the server does not have: the path is wrong, or the route newer than the server."""

    read_only_mode_since = "5.3.1"


class LinkFault(ServerFault, kind="link_fault"):
    """The link route answers 500 to the key of a user."""

    versions = "up to 5.3.4"


class LoadFault(ServerFault, kind="load_fault"):
    """The load route answers 400 for every study."""

    versions = "5.0.2 to 5.3.4"


class StudyLoadFault(LoadFault, kind="study_load_fault"):
    """The server fails while it loads this study, though it may load others."""


class UploadFault(ServerFault, kind="upload_fault"):
    """The upload of files answers 415 for every file."""

    versions = "4.2.0 to 5.3.4"


class NoLayout(ServerFault, kind="no_layout"):
    """The server fails to write the parameter's value as a file, such as an array of two dimensions."""


class Refused(SostradesError, kind="refused"):
    """The server refused the request, or the study does not hold the wanted values afterwards."""


class RunActive(Refused, kind="run_active"):
    """A run is active, and the request would destroy it."""


class RunLost(Refused, kind="run_lost"):
    """Somebody changed the study during its run, or started another run."""


class NeverRan(Refused, kind="never_ran"):
    """The study has no run to watch or to read the log of."""


class NoValue(Refused, kind="no_value"):
    """The parameter exists and has no value yet."""


class Conflict(Refused, kind="conflict"):
    """Somebody else changed a value in the meantime; nothing was sent."""


class NotVerified(Refused, kind="not_verified"):
    """The value read back is not the value sent."""


class Different(SostradesError, kind="different"):
    """Differences were found, and ``--exit-code`` was given."""


class WaitTimeout(SostradesError, kind="timeout"):
    """Time ran out while waiting; the run continues."""


class UserInterrupt(SostradesError, kind="interrupted"):
    """Interrupted from the keyboard. A run on the server continues. The library raises ``Interrupted`` instead."""


class Terminated(SostradesError, kind="terminated"):
    """Ended by SIGTERM; a run on the server continues. The library raises ``Interrupted`` instead."""


class HungUp(SostradesError, kind="hung_up"):
    """Ended by SIGHUP, since the terminal or the connection to it was closed; a run on the server continues.

    The library raises ``Interrupted`` instead.
    """


def stopped_by(error: BaseException) -> tuple[type[SostradesError], str]:
    """Return the class of error for a signal that stopped the program, and its past participle."""
    if isinstance(error, Hangup):
        return HungUp, "hung up"
    return (Terminated, "terminated") if isinstance(error, Termination) else (UserInterrupt, "interrupted")
