"""Exit codes, the mapping from errors to exit codes, and the combined error of several studies."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, Self

from sostrades_cli import errors

if TYPE_CHECKING:
    from collections.abc import Sequence


class ExitCode(IntEnum):
    """The exit code of a command; README and ``sostrades help exit-codes`` are generated from this table."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """Create a member with a number and a meaning."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    DONE = 0, "done"
    BUG = 1, "bug in the tool, or its output cannot be written"
    USAGE = 2, "usage error or invalid local input; nothing was sent"
    RUN_FAILED = 3, "the calculation ended FAILED, STOPPED or POD ERROR"
    ACCESS = 4, "no key, key rejected, or no permission on the study"
    NOT_FOUND = 5, "no such study, parameter or chart on the server"
    UNREACHABLE = 6, "server not reached (DNS, TLS, refused, outage longer than allowed)"
    SERVER = 7, "the server failed, or sent an answer the tool cannot use"
    REFUSED = 8, "the server refused the request, or the result is not as requested"
    DIFFERENT = 9, "differences found (`diff`, `--dry-run`) and `--exit-code` was given"
    # 124 is the code of timeout(1); the last three are 128 plus the number of the signal.
    TIMEOUT = 124, "timed out while waiting; the run continues"
    HUNG_UP = 129, "hung up (terminal closed); a run on the server is not stopped"
    INTERRUPTED = 130, "interrupted; a run on the server is not stopped"
    TERMINATED = 143, "terminated; a run on the server is not stopped"


_CODES: Final[dict[type[errors.SostradesError], ExitCode]] = {
    errors.UsageError: ExitCode.USAGE,
    errors.RunFailed: ExitCode.RUN_FAILED,
    errors.AccessError: ExitCode.ACCESS,
    errors.NotFound: ExitCode.NOT_FOUND,
    errors.Unreachable: ExitCode.UNREACHABLE,
    errors.ServerFault: ExitCode.SERVER,
    errors.Refused: ExitCode.REFUSED,
    errors.Different: ExitCode.DIFFERENT,
    errors.WaitTimeout: ExitCode.TIMEOUT,
    errors.HungUp: ExitCode.HUNG_UP,
    errors.UserInterrupt: ExitCode.INTERRUPTED,
    errors.Terminated: ExitCode.TERMINATED,
}


# From the best to the worst: a command with several outcomes ends with the worst code.
_SEVERITY: Final = (
    ExitCode.DONE,
    ExitCode.DIFFERENT,
    ExitCode.TIMEOUT,
    ExitCode.REFUSED,
    ExitCode.RUN_FAILED,
    ExitCode.UNREACHABLE,
    ExitCode.SERVER,
    ExitCode.NOT_FOUND,
    ExitCode.ACCESS,
)


def severity(error: BaseException) -> int:
    """Return the rank of an error among others; a higher number is worse."""
    code = exit_code_of(error)
    return _SEVERITY.index(code) if code in _SEVERITY else len(_SEVERITY)


def exit_code_of(error: BaseException | None) -> ExitCode:
    """Return the exit code of an error: ``DONE`` for ``None``, ``BUG`` for an error outside of our tree."""
    if error is None:
        return ExitCode.DONE
    # A class without its own code has the code of its nearest base class.
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), ExitCode.BUG)


def combined_error(failures: Sequence[errors.SostradesError], message: str) -> errors.SostradesError:
    """Return the error of several studies: the worst one, which has the exit code, with the details of all."""
    worst = max(failures, key=severity)
    error = worst.reworded(message, detail="\n".join(map(_with_detail, failures)), study=None)
    # The server's words on one study would stand below the lines of all. Each cause has its own.
    error.server = None
    error.causes = tuple(failures)
    return error


def _with_detail(error: errors.SostradesError) -> str:
    """Return an error with its detail on the same line, or below it if that is a traceback."""
    if not error.detail:
        return error.message
    # On lines of their own, short details could belong to any study.
    separator = "\n" if "\n" in error.detail else " "
    return f"{error.message}:{separator}{error.detail}"
